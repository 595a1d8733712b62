// Words that people look for and that stand in no operation's own text: "I have X, I want Y".

/** Further words by the name of an operation, separated by spaces. */
export const KEYWORDS: Readonly<Record<string, string>> = {
  uppercase:
    "capitals caps upper toupper capitalize shout capitalise capitalisation ucase ucfirst case",
  lowercase:
    "small lower tolower downcase email normalise lcase casefold fold insensitive compare case",
  titlecase:
    "capitalize title headline proper case initcap capitalise names words sentence capitalisation ucwords ucfirst upper letter",
  reverse: "backwards mirror flip backward string",
  trim: "strip whitespace spaces ends clean leading trailing blanks",
  collapse_whitespace:
    "squeeze spaces squish clean newlines line breaks multiple lines linebreaks strip",
  normalize: "unicode nfc nfd accents form diacritics umlauts normalise normalisation",
  slugify:
    "url permalink transliterate romanize ascii accents diacritics umlauts filename path titles article friendly file spaces",
  truncate:
    "shorten cut ellipsis limit excerpt abbreviate substring characters teaser preview crop slice left mid first text long substr",
  pad: "fill left right zero zfill align leading zeros column width numbers padstart padend ljust rjust lpad rpad centre center sprintf",
  replace: "substitute find exchange change swap remove delete characters smart quotes curly",
  split:
    "explode separate tokenize divide list comma words lines line breaks characters string first last name parts separated",
  length: "count characters size len graphemes string text strlen number",
  word_count: "words count reading sentences number",
  base64_encode: "encode binary data btoa",
  base64_decode: "decode atob binary text jwt payload cookie",
  url_encode: "encode percent escape query uri encodeuricomponent",
  url_decode: "percent unescape uri spaces cookie",
  html_escape: "entities sanitize xss encode safe safely user input page show htmlspecialchars",
  html_unescape: "entities decode",
  strip_html: "tags remove plain text plaintext xml words page only",
  sha1: "hash checksum digest fingerprint",
  sha256: "hash checksum digest fingerprint md5 password",
  sha512: "hash checksum digest fingerprint",
  crc32: "hash checksum md5",
  uuid: "guid id identifier random unique ids generate create key nanoid uuidv4 uuidv7",
  json_parse: "deserialize decode object read string",
  json_stringify: "serialize encode dump pretty print format string",
  csv_parse: "spreadsheet table excel rows columns tsv delimiter semicolon read import tab",
  pick: "select keep fields columns subset property attributes only objects choose",
  omit: "remove drop delete fields columns hide property secrets removed key keys",
  rename: "fields columns keys map change field key names",
  select:
    "jmespath query extract path get pluck jsonpath nested field property value deep attribute first jq transpose default if else length index",
  to_number: "parse int integer float cast convert string price real parseint parsefloat",
  round: "decimals digits precision floor ceil cents nearest tofixed integer whole convert",
  extract_emails: "find mail addresses scrape contacts mailto",
  extract_urls: "find links scrape http hyperlinks website",
  extract_numbers: "find digits amounts scrape prices string comma decimal german",
  unique: "distinct deduplicate dedupe duplicates remove repeated once objects",
  sort: "order arrange alphabetical ascending descending reverse rank newest latest oldest first date cheapest",
  filter:
    "where keep only match condition search remove drop rows null empty values active status exclude missing outliers above below over orders grep countif isin objects select find delete starts else if",
  flatten: "unnest explode concat merge lists nested nesting list one",
  chunk: "split batches batch group size pages paginate pagination partition groups",
  take: "first head limit paginate 10 few slice five items",
  skip: "offset drop rest paginate header page slice",
  sample: "random pick choose draw winner subset",
  shuffle: "random mix permute order randomize",
  count: "how many number total size rows entries countif",
  sum: "add total plus",
  statistics:
    "average mean median stdev deviation min max quantile percentile variance standard quartile range maximum minimum avg describe",
  histogram: "distribution bins buckets ages ranges",
  frequency:
    "count occurrences most common tally popular words histogram duplicates countif mode cloud tags category",
  group_by: "bucket partition categories by category per organise organize",
  join: "concatenate concat implode glue csv comma separated string list merge tags lines textjoin",
  date_parse:
    "time timestamp read convert iso rfc 3339 timezone unix epoch dd mm yyyy birthday string strptime rfc3339 dayjs moment",
  date_format:
    "convert timezone time zone time timestamp show print weekday month timezone german readable day week dd mm yyyy pretty string quarter strftime dayjs moment local utc daylight saving times weeks leap",
  date_add:
    "add time plus minus days months years later earlier subtract tomorrow yesterday next month due deadline expiry weeks",
  date_diff:
    "time between duration age elapsed days until how long birthday birthdays since ago datedif difference dates",
  regex_match:
    "regular expression test pattern contains zip postcode code iban check string grep starts ends numeric index position phone number",
  regex_replace:
    "mask redact anonymize phone number regular expression substitute pattern hide digits credit card remove removed characters punctuation emojis emoji",
  regex_extract:
    "regular expression capture groups find pattern substring hashtags mentions first last name zip code lines initials mid findall letters phone parse numbers domain email username",
  template:
    "mustache render mail merge placeholder fill text format personalise personalised letters letter combine fields columns newsletter email string interpolation handlebars sprintf send addresses f fmt literal blanks printf",
  camel_case: "camelcase identifier variable pascal",
  snake_case: "snakecase underscore identifier",
  kebab_case: "kebabcase dash hyphen identifier",
  hex_encode: "hexadecimal bytes text",
  hex_decode: "hexadecimal bytes text",
  hmac: "signature sign secret key hash webhook verify",
  url_parse: "host path query domain address parts hostname website subdomain port",
  query_parse: "query string parameters form utm tracking key value pairs",
  number_format:
    "currency price percent thousands separator locale money euros euro dollars dollar sign show tofixed sprintf rupiah rp idr yen pounds",
  validate:
    "check valid schema email url uuid ip date test ipv4 ipv6 guid emails json zip format numeric",
  top: "best highest largest leaderboard rank limit biggest maximum sellers nlargest",
  lookup:
    "map translate replace vlookup dictionary table codes join names country code vat merge left tables rows joins",
  summarize:
    "group aggregate pivot total average per category sum mean sales sums averages sumif averageif avg totals customer lines summarise count",
};
