#!/bin/sh
# Starts the runtime as miniflare would, but leaves its process id in $PID_FILE, and what Workers log in
# /dev/null: writing to a pipe that somebody reads costs a tenth of a small request.
echo $$ > "$PID_FILE"
exec "$WORKERD" "$@" > /dev/null
