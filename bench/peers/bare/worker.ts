// The floor: the same work for a good request, with nothing around it. No limits, no CORS, no log.

export default {
  async fetch(request: Request): Promise<Response> {
    const startedAt = performance.now();
    const { pathname } = new URL(request.url);
    if (request.method !== "POST" || pathname !== "/process-data") {
      return new Response("Not found", { status: 404 });
    }
    const body: unknown = await request.json();
    if (!isUppercaseRequest(body)) return new Response("Invalid body", { status: 422 });
    return Response.json({
      operation: body.operation,
      original_count: body.items.length,
      processed_items: body.items.map((item) => item.toUpperCase()),
      errors: [],
      duration_ms: performance.now() - startedAt,
    });
  },
};

interface UppercaseRequest {
  readonly items: readonly string[];
  readonly operation: "uppercase";
}

function isUppercaseRequest(body: unknown): body is UppercaseRequest {
  return (
    typeof body === "object" &&
    body !== null &&
    "items" in body &&
    "operation" in body &&
    body.operation === "uppercase" &&
    Array.isArray(body.items) &&
    body.items.every((item) => typeof item === "string")
  );
}
