# ---- text items
function slurp(f, max,   n, l, b, r) {
  n = 0; b = 0; f = "." f
  while ((r = (getline l < f)) > 0) { b += length(l) + 1; if (b > max) break; BUF[++n] = l }
  close(f)
  return (r < 0) ? -1 : (b > max) ? -2 : n
}
# Most awks keep a NUL; the one of busybox ends the line there, others lose the rest of it: for those it becomes a \001.
# And some count what they take for characters, not bytes.
function probe(   c, l, n) {
  c = "printf \"a\\000b\\n\""; n = 0; while ((c | getline l) > 0) n += length(l); close(c)
  KEEPSNUL = (n == 3); NUL = KEEPSNUL ? sprintf("%c", 0) : "\001"; BYTES = (length("\303\251") == 2)
}
function opening(p) { return KEEPSNUL ? "." p : "tr \"\\000\\001\" \"\\001\\002\" <" word(p) }
function nextline(c) { LINE = ""; return KEEPSNUL ? (getline LINE < c) : (c | getline LINE) }
# Fills BUF with the lines of a file, with NULs, and sets N and ENDED: whether the last line has an end. Gives the status.
function whole(p, max,   c, r, b, a) {
  N = 0; b = 0; c = opening(p)
  while ((r = nextline(c)) > 0) { b += length(LINE) + 1; if (b > max + 1) break; BUF[++N] = LINE }
  close(c)
  if (b > max + 1) { N = 0; return "toolarge" }
  if (r < 0 || !N && SIZE[p]) { N = 0; return "unreadable" }
  ENDED = (b == SIZE[p])
  if (!BYTES || b != SIZE[p] && b != SIZE[p] + 1) { split(lone("tail -c 1 " word(p) " 2>/dev/null | wc -lc"), a, " "); ENDED = (a[1] "" != "0" || a[2] "" != "1") }
  return "ok"
}
function uptonul(l,   n) { n = index(l, NUL); return n ? substr(l, 1, n - 1) : l }  # for sshd the text ends at a NUL
# SENT leaves of the line L; where a NUL stood that is told, for versions differ in what they make of it.
function marked(l, sent) { return !index(l, NUL) ? sent : "hyg:nul " (sent == "" && index(l, NUL) > 1 ? " " : sent) }
# A file whose last line has no end: some modules pass over that line, or refuse the file.
function flowended(kind, st, p) { if (st == "ok" && N && !ENDED) BUF[++N] = "hyg:unended"; flow(kind, st, N, p) }
function begin(kind, status, n, path) { print kind, status, n, path | TEXT }
function flow(kind, status, n, path,   i) { begin(kind, status, n, path); for (i = 1; i <= n; i++) print BUF[i] | TEXT }
function load(p, max,   st) {  # fills BUF, sets N; gives the status
  st = state(p, max); N = 0
  if (st == "ok") { N = slurp(R[p], max); if (N < 0) { st = (N == -1) ? "unreadable" : "toolarge"; N = 0 } }
  return st
}
function text(kind, p,   st, i) {
  if (kind == "pam") return pamfile(p)
  st = load(p, (kind == "passwd" || kind == "group" || kind == "shadow") ? BIG : SMALL)
  if (kind == "passwd") for (i = 1; i <= N; i++) { BUF[i] = nohash(BUF[i], 7, 1); PW[++NPW] = BUF[i] }
  else if (kind == "group") for (i = 1; i <= N; i++) { BUF[i] = nohash(BUF[i], 4); GRP[++NGR] = BUF[i] }
  else if (kind == "shadow") for (i = 1; i <= N; i++) BUF[i] = nohash(BUF[i], p ~ /master/ ? 10 : 9, 1)
  else if (kind == "hostkey_pub") { BLOCK = 0; for (i = 1; i <= N; i++) BUF[i] = kept(BUF[i]) }
  flow(kind, st, N, p)
  return st
}
function texts(kind,   i) { for (i = 1; i <= NTAKEN; i++) if (!((kind, TAKEN[i]) in DONE)) { DONE[kind, TAKEN[i]] = 1; text(kind, TAKEN[i]) } }

# What a password field says, without the hash: state,scheme,cost; of a hash that gets a digest also its number
function reduced(h, own,   st, a, n, sc, cost) {
  st = "set"; sc = ""; cost = ""
  if (h == "") return "empty,,"
  if (h ~ /^!/) st = "locked-hash"
  else if (h ~ /^\*/) st = "star"
  while (sub(/^(!|\*LOCKED\*|\*LK\*)/, "", h)) n++
  sub(/^[{][Cc][Rr][Yy][Pp][Tt][}]/, "", h)
  if (h ~ /^\$[A-Za-z0-9-]+(,rounds=[0-9]+)?\$./) {
    n = split(h, a, "$"); sc = a[2]; sub(/,.*/, "", sc)
    if (length(sc) > 12 || sc != a[2] && sc != "md5") sc = "unknown"
    else if (sc != a[2]) cost = substr(a[2], 5)
    else if (a[3] ~ /^rounds=[0-9]+$/ || a[3] ~ /^[0-9][0-9]?$/ && sc ~ /^2/ || sc ~ /^(y|gy|sm3y)$/ && a[3] ~ /^[.\/0-9A-Za-z]+$/ && length(a[3]) <= 12) cost = a[3]
    else if (sc == "sha1" && a[3] ~ /^[0-9]+$/ && length(a[3]) < 11) cost = "rounds=" a[3]
    else if (sc == "7" && a[3] ~ /^[.\/0-9A-Za-z][.\/0-9A-Za-z][.\/0-9A-Za-z][.\/0-9A-Za-z][.\/0-9A-Za-z][.\/0-9A-Za-z]/) cost = "N=2^" crypt64(a[3], 1, 1) ";r=" crypt64(a[3], 2, 5) ";p=" crypt64(a[3], 7, 5)
    else if (sc ~ /^argon2/) { n = (a[3] ~ /^v=/) ? 4 : 3; if (a[n] ~ /^m=[0-9]+,t=[0-9]+,p=[0-9]+$/) { cost = a[n]; gsub(/,/, ";", cost) } }
  } else if (h ~ /^_/ && length(h) == 20) { sc = "bsdi"; cost = "rounds=" crypt64(h, 2, 4) }
  else if (length(h) == 13 && h ~ /^[.\/0-9A-Za-z]+$/) sc = "des"
  else if (length(h) > 13 && h !~ /^\*/) sc = "unknown"
  if (sc == "") return ((st == "locked-hash") ? "locked-none" : "star") ",,"
  return st "," sc "," cost (own ? numbered(h) : "")
}
# A number as crypt(5) writes it: digits of 64, the least significant first
function crypt64(s, from, n,   i, v) { for (i = from + n - 1; i >= from; i--) v = v * 64 + index(CRYPT64, substr(s, i, 1)) - 1; return v + 0 }
# Keeps a hash for its digest: one process makes each, so not more than some thousand
function numbered(h) {
  if (KEY == "" || SUM == "" || NHASH >= 2000 || length(h) > 1024 || h !~ /^[!-~]+$/) return ""
  HASH[++NHASH] = (h ~ /^\$3\$\$/) ? tolower(h) : h
  return "," NHASH
}
# Of each hash kept the SHA-256 of KEY:HASH, to which nobody comes back without the key. Both go through a pipe: others
# on the host see the arguments of a program.
function digests(   i, c) {
  if (KEY == "") return
  flow("digests", SUM == "" ? "noprogram" : "ok", 0, SUM)
  close(TEXT)
  for (i = 1; i <= NHASH; i++) {
    c = "d=$(" SUM " 2>/dev/null); echo @T; { echo digest ok 1 " i "; echo \"$d\"; } | " ENC "; echo @E"
    printf "%s:%s", KEY, HASH[i] | c
    close(c)
  }
}
function nohash(l, fields, own,   a, n, i, o) {
  n = split(l, a, ":")
  if (n < 2) return (l ~ /^[ \t]*(#.*)?$/) ? "" : (l ~ /^[+-][@A-Za-z0-9_.-]*$/) ? l : "hyg:dropped " length(l)
  if (index(a[1], "$") && length(a[1]) > 40 || n > fields) return "hyg:dropped " length(l)
  if (fields == 7 || fields == 4) { if (a[2] != "" && a[2] != "x") a[2] = reduced(a[2], own) }
  else a[2] = reduced(a[2], own)
  if (fields == 7) a[5] = ""
  if (fields == 10) a[8] = ""
  if (fields == 9) for (i = 3; i <= n; i++) if (a[i] !~ /^-?[0-9]*$/) a[i] = "?"
  o = a[1]; for (i = 2; i <= n; i++) o = o ":" a[i]
  return o
}
