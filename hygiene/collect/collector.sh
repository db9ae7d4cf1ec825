#!/bin/sh
# hygiene collector: reads what decides who can log in to this host, and prints it. It changes nothing:
# no temporary file, no write, no network. What it never prints: password hashes, private keys, and lines of
# an authorized_keys file that are not key lines.
#
#   sh collector.sh -R ROOT [-O OWNERS] NONCE   offline root: nothing inside ROOT is run, its links are resolved inside it
#   sh -s -- NONCE   (this text on stdin)       over SSH
#   collector.sh                                installed, as a forced command: one line `NONCE` or `: NONCE` on stdin,
#                                               the rest of stdin and SSH_ORIGINAL_COMMAND are ignored
# NONCE: 16 to 64 letters and digits.
#
# Output: 7-bit lines. `@` starts a control line, a blank starts a data line (base64, or hex where there is no base64).
#   @HYG1 NONCE v=1 t=EPOCH uid=N mode=streamed|installed|offline enc=b64|hex root=PATH
#   @T .. @E          text items: a line `KIND STATUS LINES PATH`, then so many lines
#   @B KIND .. @E     files: cksum's lines, an empty line, then the files one after the other
#   @K KIND .. @E     key files: the same, but before each file a line `hyg:file .PATH`, and no line that is no key line
#   @N AREA WORD ...  something that was not looked at, and why
#   @SUM CRC SIZE     cksum of all lines from @HYG1 to here
#   @END NONCE FRAMES LINES BYTES
# A stream without its last line, or with other counts, sum or nonce, is not complete.
# Everything is inside functions that the last line calls: a text that was cut on its way runs nothing.

hyg_refuse() {
  echo "hygiene-collector: $1" >&2
  exit 2
}

hyg_main() {
  PATH=/usr/xpg4/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin; export PATH
  LC_ALL=C LANG=C TZ=UTC0; export LC_ALL LANG TZ
  unset ENV BASH_ENV CDPATH IFS GREP_OPTIONS AWKPATH POSIXLY_CORRECT 2>/dev/null
  umask 077
  hyg_root='' hyg_owners='' hyg_mode=streamed
  while getopts R:O: hyg_o; do
    case $hyg_o in
      R) hyg_root=$OPTARG hyg_mode=offline ;;
      O) hyg_owners=$OPTARG ;;
      *) hyg_refuse 'usage: collector.sh [-R ROOT [-O OWNERS]] NONCE' ;;
    esac
  done
  shift $((OPTIND - 1))
  if [ $# -eq 0 ]; then
    [ -z "$hyg_root" ] || hyg_refuse 'usage: collector.sh [-R ROOT [-O OWNERS]] NONCE'
    hyg_mode=installed
    hyg_first_line
    hyg_nonce=${hyg_line#': '}
  else
    hyg_nonce=$1
  fi
  case $hyg_nonce in *[!A-Za-z0-9]*) hyg_nonce= ;; esac
  if [ ${#hyg_nonce} -lt 16 ] || [ ${#hyg_nonce} -gt 64 ]; then
    hyg_refuse 'expected a nonce of 16 to 64 letters and digits, as one line on standard input'
  fi
  case $hyg_owners in ''|/*) ;; *) hyg_owners=$PWD/$hyg_owners ;; esac
  cd "${hyg_root:-/}/" 2>/dev/null || hyg_refuse 'the root folder cannot be entered'
  hyg_bounds
  hyg_uid=$(id -u 2>/dev/null) || hyg_uid=-1
  hyg_shown=${hyg_root:-/}
  case $hyg_shown in *[!A-Za-z0-9_./@%+=,-]*) hyg_shown='?' ;; esac
  if command -v base64 >/dev/null 2>&1; then hyg_enc=base64 hyg_word=b64
  elif command -v openssl >/dev/null 2>&1; then hyg_enc='openssl base64' hyg_word=b64
  else hyg_enc='od -An -v -tx1' hyg_word=hex; fi
  hyg_nice=; command -v nice >/dev/null 2>&1 && hyg_nice='nice -n 10'
  HYG_KEYFILES="$hyg_keylike"'
BEGIN {
  for (i = 1; i < ARGC; i++) {
    print "hyg:file " ARGV[i]
    while ((getline l < ARGV[i]) > 0) print (l ~ /^[ \t]*(#|$)/ || keylike(l)) ? l : "hyg:dropped " length(l)
    close(ARGV[i])
  }
}'
  HYG_UID=$hyg_uid HYG_MODE=$hyg_mode HYG_ENC=$hyg_enc HYG_OWNERS=$hyg_owners
  export HYG_UID HYG_MODE HYG_ENC HYG_OWNERS HYG_KEYFILES
  hyg_read </dev/null 2>/dev/null | hyg_frame "$hyg_nonce" "uid=$hyg_uid mode=$hyg_mode enc=$hyg_word root=$hyg_shown" 2>/dev/null &
  hyg_out=$!
  hyg_watch $$ "$hyg_out" </dev/null >/dev/null 2>&1 &
  hyg_dog=$!
  trap 'kill "$hyg_dog" "$hyg_out" 2>/dev/null; exit 143' TERM HUP INT
  wait "$hyg_out"
  kill "$hyg_dog" 2>/dev/null
}

# One line of stdin, at most 128 bytes and 16 reads: never more memory, and no wait for what comes after the line.
hyg_first_line() {
  hyg_line='' hyg_n=0
  while [ $hyg_n -lt 16 ] && [ ${#hyg_line} -lt 128 ]; do
    hyg_n=$((hyg_n + 1))
    # the dot keeps the line end, which $(...) would drop
    { hyg_part=$(dd bs=128 count=1; echo .); } 2>/dev/null
    hyg_part=${hyg_part%.}
    [ -n "$hyg_part" ] || break
    hyg_line=$hyg_line$hyg_part
    case $hyg_line in *'
'*) break ;; esac
  done
  hyg_line=${hyg_line%%'
'*}
}

# No core file, bounded time and memory for each process.
hyg_bounds() {
  ulimit -c 0 2>/dev/null
  ulimit -t 120 2>/dev/null
  ulimit -v 1048576 2>/dev/null
}

# Ends a run that hangs (dead network file system, a device), also when the client went away; leaves no process behind.
hyg_watch() {
  hyg_s=0
  trap 'kill "$hyg_p" 2>/dev/null; exit 0' TERM
  while [ $hyg_s -lt 240 ]; do
    sleep 10 & hyg_p=$!
    wait "$hyg_p"
    kill -0 "$1" 2>/dev/null || exit 0
    hyg_s=$((hyg_s + 10))
  done
  # whoever hangs is below us; in one go and parents first, for those left would start something else, or end us
  # shellcheck disable=SC2046
  kill $(ps -eo pid,ppid | awk -v root="$1" '
    { up[$1] = $2 }
    END {
      for (c in up) { n = 0; for (a = c; a != root && (a in up) && n < 99; n++) a = up[a]; if (a == root && n) deep[n] = deep[n] " " c }
      for (n = 1; n < 99; n++) if (n in deep) print deep[n]
    }') "$2" "$1"
}

# Numbers, sums and closes the stream. Lines after @DONE do not exist; without @DONE there is no @END.
hyg_frame() {
  exec awk -v nonce="$1" -v head="$2" '
function out(l) { lines++; bytes += length(l) + 1; print l; print l | sum }
BEGIN {
  PROCINFO["BUFFERPIPE"] = 1  # gawk writes line by line without it; the others know no such thing
  sum = "cksum | { read a b c; echo \"@SUM $a $b\"; }"
  srand(); now = srand()
  print ""  # a greeting without a line end must not swallow the first line
  out("@HYG1 " nonce " v=1 t=" now " " head)
}
/^@DONE$/ { done = 1; exit }
/^@[TBK]/ { frames++ }
{
  if (substr($0, 1, 1) != "@") sub(/^ */, " ")
  if (bytes + length($0) > 33554432) { print "@CUT"; exit }
  out($0)
}
END {
  system("")  # flushes: the sum follows what it sums
  close(sum)
  if (done) printf "@END %s %d %d %d\n", nonce, frames, lines, bytes
}'
}

# What sshd could take for a line with a key: a type, blanks, and base64 that starts as every key does (three zero bytes;
# sshd skips white space inside the base64). Nothing else of an authorized_keys file leaves the host.
hyg_keylike='
function keylike(l) {
  return l !~ /^hyg:/ && tolower(l) ~ /(^|[ \t"])(ssh-|ecdsa|sk-|rsa|dsa|dss|ed25519|mldsa|webauthn-|x509v3-)[a-z0-9@.+_-]*[ \t\v\f\r]+a[\v\f\r]*a[\v\f\r]*a[\v\f\r]*a/
}'

# Reads the host. One awk does all the thinking and starts as few programs as it can; every path it opens was
# resolved by it from / on, link by link, so that no link is followed by accident.
hyg_read() {
  # no file can grow, so nothing is written even by mistake
  ulimit -f 0 2>/dev/null
  # shellcheck disable=SC2086
  exec $hyg_nice awk "$hyg_keylike"'
# ---- paths: T type (- d l b c p s, 0 absent, ! refused, ? no answer), L link target, M metadata; R and S of what was wanted
# (a backslash before a slash inside brackets stands for itself in the awk of busybox)
function harmless(p) { return p ~ /^[A-Za-z0-9_.\/@%+=,~-]+$/ && !index(p, "\\") }
function up(p,   n, a) { n = split(p, a, "/"); return n ? substr(p, 1, length(p) - length(a[n]) - 1) : "" }
function quoted(p) { gsub(SQ, SQ "\\" SQ SQ, p); return SQ p SQ }
function word(p) { return harmless(p) ? "." p : quoted("." p) }
function clean(s) { gsub(/[^A-Za-z0-9_.\/@:,+%= -]/, "?", s); return substr(s, 1, 300) }
function note(area, what, detail) { if (NOTES++ < 2000) NOTE[NOTES] = "@N " area " " what " " clean(detail) }

function heard(l,   i, j, n, t, F) {  # one line of ls
  if (l ~ /^[-dlbcpsDPn][-rwxsStT][-rwxsStT][-rwxsStT]/ && (i = index(l, " ./")) > 0) {
    n = substr(l, i + 2); t = substr(l, 1, 1); split(substr(l, 1, i), F, " ")
    if (n == "/.") n = "/"
    if (ONE != "") { n = ONE; LINK = "?" }
    else {
      if (t == "l") { j = index(n, " -> "); LINK = substr(n, j + 4); n = substr(n, 1, j - 1) }
      if (!harmless(n)) { ODD++; return }
    }
    if (GLOB) { FOUND[++NFOUND] = n } else if (!(n in ASKED)) return
    if (n in T) return
    T[n] = t
    if (t == "l") L[n] = harmless(LINK) ? LINK : ""
    else if (t == "b" || t == "c") M[n] = F[1] " " F[3] " " F[4] " 0 " F[7] "_" F[8] "_" F[9]
    else { M[n] = F[1] " " F[3] " " F[4] " " F[5] " " F[6] "_" F[7] "_" F[8]; SIZE[n] = F[5] + 0 }
    if (t != "l") SEEN[++NSEEN] = n
  } else {
    if (ONE != "") n = ONE
    else { i = index(l, "./"); n = substr(l, i + 1); if (!i || !match(n, /^[A-Za-z0-9_.\/@%+=,~-]+/)) return; n = substr(n, 1, RLENGTH) }
    if (n in T || !(n in ASKED)) return
    T[n] = (l ~ /No such file|Not a directory|not found|does not exist/) ? "0" : "!"
  }
}
function list(words,   c, l, i, n, X) {
  c = "exec ls " LS words " 2>&1"
  RS = "\003"  # all at once: gawk looks at the whole long command again for every line
  while ((c | getline l) > 0) { n = split(l, X, "\n"); for (i = 1; i <= n; i++) heard(X[i]) }
  close(c)
  RS = "\n"
}
function ask(   i, p, c) {  # types of all paths in NEED, in as few calls as possible
  if (!NNEED) return 0
  c = ""
  for (i = 1; i <= NNEED; i++) {
    p = NEED[i]
    if (!harmless(p)) {
      # one by one, and answered under the name that we know: a line of ls with such a name could say anything
      if (ODDS++ < 300) { ONE = p; list(" " word(p)); ONE = "" }
      continue
    }
    c = c " ." (p == "/" ? "/." : p)
    if (length(c) > 30000) { list(c); c = "" }
  }
  if (c != "") list(c)
  for (i = 1; i <= NNEED; i++) if (!(NEED[i] in T)) T[NEED[i]] = "?"
  NNEED = 0
  return 1
}
function need(p) { if (!(p in ASKED)) { ASKED[p] = 1; NEED[++NNEED] = p } }
function real(p,   rest, cur, c, i, q, t, hops, d) {  # sets ST: ok, need, or why there is no such file
  d = up(p); c = substr(p, length(p))
  if (d in DIR && c != "/" && c != ".") { cur = DIR[d]; rest = substr(p, length(d) + 2) } else { cur = ""; rest = p }
  while (rest != "") {
    i = index(rest, "/"); c = i ? substr(rest, 1, i - 1) : rest; rest = i ? substr(rest, i + 1) : ""
    if (c == "" || c == ".") continue
    if (c == "..") { cur = up(cur); continue }
    q = cur "/" c
    if (q in NET) { ST = "notvisited"; return q }
    if (!(q in T)) { need(q); ST = "need"; return q }
    t = T[q]
    if (t == "l") {
      if (++hops > 40 || L[q] == "") { ST = "badlink"; return q }
      if (substr(L[q], 1, 1) == "/") cur = ""
      rest = L[q] "/" rest
      continue
    }
    if (t == "0" || t == "!" || t == "?") { ST = (t == "0") ? "absent" : (t == "!") ? "unreadable" : "unknown"; return q }
    if (t != "d" && rest ~ /[^\/.]/) { ST = "absent"; return q }
    cur = q
    if (rest != "" && q == d) DIR[d] = cur
  }
  ST = "ok"
  return cur == "" ? "/" : cur
}
function want(p) { if (!(p in WANTED)) { WANTED[p] = 1; W[++NW] = p } }
function settle(   i, n, r, p) {
  do {
    n = 0
    for (i = 1; i <= NW; i++) {
      p = W[i]; r = real(p)
      if (ST == "need") W[++n] = p
      else { R[p] = r; S[p] = ST; if (ST == "ok" && r != p) { LINKED[++NLINKED] = p; LINKED[++NLINKED] = r } }
    }
    NW = n
  } while (ask())
}
function state(p, max,   r) {  # of a file that was wanted
  if (S[p] != "ok") return S[p]
  r = R[p]
  return (T[r] != "-") ? "notregular" : (SIZE[r] > max) ? "toolarge" : "ok"
}
function isdir(p) { return S[p] == "ok" && (R[p] == "/" || T[R[p]] == "d") }

# ---- files named by a pattern; d was wanted. FOUND holds paths below d as it was asked for
function glob(d, pat, area,   c, l, bad, r, i) {
  NFOUND = 0
  if (!(d in DIRS)) { DIRS[d] = 1; DIRLIST[++NDIRS] = d; DSTATE[d] = (S[d] != "ok") ? S[d] : isdir(d) ? "ok" : "notdirectory" }
  if (DSTATE[d] != "ok") return 0
  r = (R[d] == "/") ? "" : R[d]
  if (!harmless(d) || !harmless(r "/") || pat !~ /^[]A-Za-z0-9_.\/@%+=,~*?!^[-]+$/ || index(pat, "\\")) { DSTATE[d] = "unknown"; note(area, "pattern-not-followed", d "/" pat); return 0 }
  c = "cd ." r "/ 2>/dev/null && [ -r . ] && [ -x . ] || { echo hyg:unreadable; exit; }; cd - >/dev/null || exit; set -- ." r "/" pat "; " \
      "[ -e \"$1\" ] || [ -L \"$1\" ] || exit 0; [ $# -le 1000 ] || { echo hyg:toolarge; exit; }; exec ls " LS " \"$@\" 2>&1"
  GLOB = 1; ODD = 0
  while ((c | getline l) > 0) { if (l == "hyg:unreadable" || l == "hyg:toolarge") bad = substr(l, 5); else heard(l) }
  close(c); GLOB = 0
  if (bad != "") { DSTATE[d] = bad; NFOUND = 0; return 0 }
  if (ODD) note(area, "odd-file-names", ODD " in " d)
  for (i = 1; i <= NFOUND; i++) FOUND[i] = d substr(FOUND[i], length(r) + 1)
  return NFOUND
}
function take(   i) { NTAKEN = NFOUND; for (i = 1; i <= NFOUND; i++) { TAKEN[i] = FOUND[i]; want(FOUND[i]) } settle() }

# ---- text items
function slurp(f, max,   n, l, b, r) {
  n = 0; b = 0; f = "." f
  while ((r = (getline l < f)) > 0) { b += length(l) + 1; if (b > max) break; BUF[++n] = l }
  close(f)
  return (r < 0) ? -1 : (b > max) ? -2 : n
}
function begin(kind, status, n, path) { print kind, status, n, path | TEXT }
function flow(kind, status, n, path,   i) { begin(kind, status, n, path); for (i = 1; i <= n; i++) print BUF[i] | TEXT }
function load(p, max,   st) {  # fills BUF, sets N; gives the status
  st = state(p, max); N = 0
  if (st == "ok") { N = slurp(R[p], max); if (N < 0) { st = (N == -1) ? "unreadable" : "toolarge"; N = 0 } }
  return st
}
function text(kind, p,   st, i) {
  st = load(p, (kind == "passwd" || kind == "group" || kind == "shadow") ? BIG : SMALL)
  if (kind == "passwd") for (i = 1; i <= N; i++) { BUF[i] = nohash(BUF[i], 7); PW[++NPW] = BUF[i] }
  else if (kind == "group") for (i = 1; i <= N; i++) BUF[i] = nohash(BUF[i], 4)
  else if (kind == "shadow") for (i = 1; i <= N; i++) BUF[i] = nohash(BUF[i], p ~ /master/ ? 10 : 9)
  else if (kind == "pam") for (i = 1; i <= N; i++) BUF[i] = (BUF[i] ~ /^[ \t]*#/) ? "#" : redacted(BUF[i])
  else if (kind == "hostkey_pub") { BLOCK = 0; for (i = 1; i <= N; i++) BUF[i] = kept(BUF[i]) }
  flow(kind, st, N, p)
  return st
}
function texts(kind,   i) { for (i = 1; i <= NTAKEN; i++) if (!((kind, TAKEN[i]) in DONE)) { DONE[kind, TAKEN[i]] = 1; text(kind, TAKEN[i]) } }

# What a password field says, without the hash: state,scheme,cost
function reduced(h,   st, a, n, sc, cost) {
  st = "set"; sc = ""; cost = ""
  if (h == "") return "empty,,"
  if (h ~ /^\*/) return "star,,"
  if (h ~ /^!/) { st = "locked-hash"; sub(/^!+/, "", h) }
  if (h ~ /^\$[A-Za-z0-9-]+\$./) {
    n = split(h, a, "$"); sc = length(a[2]) > 12 ? "unknown" : a[2]
    if (a[3] ~ /^rounds=[0-9]+$/ || a[3] ~ /^[0-9][0-9]?$/ && sc ~ /^2/ || sc ~ /^(y|gy)$/ && a[3] ~ /^[.\/0-9A-Za-z]+$/ && length(a[3]) <= 12) cost = a[3]
    else if (a[4] ~ /^m=[0-9]+,t=[0-9]+,p=[0-9]+$/) { cost = a[4]; gsub(/,/, ";", cost) }
  } else if (h ~ /^_/ && length(h) == 20) sc = "bsdi"
  else if (length(h) == 13 && h ~ /^[.\/0-9A-Za-z]+$/) sc = "des"
  else if (length(h) > 13) sc = "unknown"
  else st = (st == "set") ? "star" : "locked-none"
  return st "," sc "," cost
}
function nohash(l, fields,   a, n, i, o) {
  n = split(l, a, ":")
  if (n < 2) return (l ~ /^[ \t]*(#.*)?$/) ? "" : (l ~ /^[+-][@A-Za-z0-9_.-]*$/) ? l : "hyg:dropped " length(l)
  if (index(a[1], "$") && length(a[1]) > 40 || n > fields) return "hyg:dropped " length(l)
  if (fields == 7 || fields == 4) { if (a[2] != "" && a[2] != "x") a[2] = reduced(a[2]) }
  else a[2] = reduced(a[2])
  if (fields == 7) a[5] = ""
  if (fields == 10) a[8] = ""
  if (fields == 9) for (i = 3; i <= n; i++) if (a[i] !~ /^-?[0-9]*$/) a[i] = "?"
  o = a[1]; for (i = 2; i <= n; i++) o = o ":" a[i]
  return o
}
function redacted(l,   out, c) {  # PAM arguments such as password=...
  if (length(l) > 8192) return "hyg:dropped " length(l)
  out = ""
  while (match(tolower(l), /[a-z0-9_-]*(pass|pw|secret|key|token|pin)[a-z0-9_-]*=/)) {
    c = substr(l, RSTART - 1, 1); out = out substr(l, 1, RSTART + RLENGTH - 1) "REDACTED"; l = substr(l, RSTART + RLENGTH)
    if (c == "[") { if (match(l, /\]/)) l = substr(l, RSTART); else l = "" }
    else if (match(l, /[ \t]/)) l = substr(l, RSTART)
    else l = ""
  }
  return out l
}

# ---- sshd_config and sudoers: what they include
function tokens(s,   n, c, t) {  # TOK, as sshd splits arguments: double quotes, a comment ends them
  n = 0
  while (1) {
    sub(/^[ \t\r]+/, "", s)
    if (n > 1000 || s == "" || substr(s, 1, 1) == "#") return n
    if (substr(s, 1, 1) == "\"") { s = substr(s, 2); c = index(s, "\""); t = c ? substr(s, 1, c - 1) : s; s = c ? substr(s, c + 1) : "" }
    else { match(s, /^[^ \t\r]+/); t = substr(s, 1, RLENGTH); s = substr(s, RLENGTH + 1) }
    TOK[++n] = t
  }
}
function absolute(p, dir) { return (substr(p, 1, 1) == "/") ? p : dir "/" p }
function pattern(t) { if (t != "" && tolower(t) != "none" && !(t in PATS)) { PATS[t] = 1; PAT[++NPAT] = t } }
function setting(l,   k, n, i) {
  sub(/^[ \t]+/, "", l)
  if (!match(l, /^[A-Za-z0-9]+/)) return
  k = tolower(substr(l, 1, RLENGTH)); l = substr(l, RLENGTH + 1); sub(/^[ \t]*=?/, "", l)
  if (k !~ /^(include|authorizedkeysfile|hostkey|trustedusercakeys|revokedkeys)$/) return
  n = tokens(l)
  for (i = 1; i <= n; i++) {
    if (k == "include") INC[++NINC] = absolute(TOK[i], "/etc/ssh")
    else if (k == "authorizedkeysfile") pattern(TOK[i])
    else if (TOK[i] !~ /^\//) continue
    else if (k == "hostkey") PUB[++NPUB] = TOK[i] ".pub"
    else if (tolower(TOK[i]) != "none") TRUST[++NTRUST] = TOK[i]
  }
}
function include(p, area,   d, b, i) {  # p may be a pattern; adds to NEXTF
  if (p ~ /[*?[]/) {
    match(p, /[*?[]/); d = up(substr(p, 1, RSTART - 1)); b = substr(p, length(d) + 2)
    if (d == "") d = "/"
    want(d); settle(); glob(d, b, area)
    for (i = 1; i <= NFOUND; i++) NEXTF[++NNEXT] = FOUND[i]
  } else NEXTF[++NNEXT] = p
}
function configs(kind, area,   level, i, j, n, p, l, d, b) {  # NEXTF: where to start; follows includes, each file once
  for (level = 0; NNEXT && level <= 4; level++) {
    n = NNEXT; for (i = 1; i <= n; i++) { CUR[i] = NEXTF[i]; want(CUR[i]) }
    settle(); NNEXT = 0
    for (i = 1; i <= n; i++) {
      p = CUR[i]
      if ((kind, p) in DONE) continue
      DONE[kind, p] = 1
      if (level == 0 && S[p] == "absent" && p ~ /^\/usr\/|-rs$/) continue
      if (++NCONF > 2000) { note(area, "too-many-files", p); continue }
      text(kind, p); NINC = 0
      for (j = 1; j <= N; j++) {
        l = BUF[j]
        if (kind == "sshd_config") setting(l)
        else if (match(l, /^[ \t]*[#@]include(dir)?[ \t]+/)) {
          d = (l ~ /^[ \t]*[#@]includedir/); l = substr(l, RSTART + RLENGTH); sub(/[ \t\r]+$/, "", l)
          if (l ~ /^".*"$/) l = substr(l, 2, length(l) - 2)
          gsub(/\\/, "", l)
          if (l ~ /%/) { note(area, "include-by-host-name", l); continue }
          d = d ? l "/*" : l
          INC[++NINC] = absolute(d, up(p))
        }
      }
      if (NINC && level == 4) note(area, "includes-too-deep", p)
      else for (j = 1; j <= NINC; j++) {
        l = NNEXT; include(INC[j], area)
        # sudo skips names with a dot or with a tilde at the end
        if (kind == "sudoers" && INC[j] ~ /\/\*$/) { d = l; for (b = l + 1; b <= NNEXT; b++) if (NEXTF[b] !~ /\.[^\/]*$|~$/) NEXTF[++d] = NEXTF[b]; NNEXT = d }
      }
    }
  }
}

# ---- the running system
function output(c, max,   n, l) { n = 0; while ((c | getline l) > 0 && n < max) BUF[++n] = substr(l, 1, 8000); close(c); return n }
function procs(   c, l, i, a, n, u, w, o, t, k) {
  c = (UNAME ~ /BSD|DragonFly|Darwin/) ? "-axo" : "-eo"
  c = "ps " c " pid,ppid,user,etime,args 2>/dev/null || ps -eo pid,ppid,user,args 2>/dev/null || ps 2>/dev/null"
  N = 0
  while ((c | getline l) > 0) {
    n = split(l, a, " ")
    if (!N) { BUF[++N] = l; for (i = 1; i <= n; i++) { if (a[i] == "USER") u = i; if (a[i] ~ /^(COMMAND|CMD|ARGS)$/) w = i } continue }
    if (!w || N > 200) continue
    t = a[w]
    if (t !~ /(^|\/)(sshd:?|dropbear|tinysshd|teleport|amazon-ssm-agent|tailscaled)$/) continue
    if (t == "sshd:" && l !~ /\[listener\]/) continue
    BUF[++N] = substr(l, 1, 500)
    # only what root started is believed: a title is free text
    if (t !~ /(^|\/)sshd:?$/ || !u || a[u] != "root") continue
    o = ""
    for (i = w + 1; i <= n; i++) {
      if (a[i] ~ /^\[listener\]/) break
      if (a[i] ~ /^-[fop]$/ && a[i + 1] ~ /^[A-Za-z0-9_.\/=,+:-]+$/) { o = o " " a[i] " " a[i + 1]; if (a[i] == "-f") NEXTF[++NNEXT] = a[i + 1]; i++ }
      else if (a[i] ~ /^-[fop][A-Za-z0-9_.\/=,+:-]+$/) { o = o " " a[i]; if (a[i] ~ /^-f/) NEXTF[++NNEXT] = substr(a[i], 3) }
    }
    if (!(o in LARGS)) { LARGS[o] = 1; if (NL < 8) LARG[++NL] = o; else note("sshd", "too-many-daemons", o) }
  }
  close(c)
  flow("ps", "ok", N, "")
}
function sshd_t(   i, j, c, l, n, rc, err) {
  if (!NL) LARG[++NL] = ""
  for (i = 1; i <= NL; i++) {
    c = "{ e=$(" SSHD " -T" LARG[i] " 2>&1 1>&3 3>&-); r=$?; echo; echo \"hyg:rc $r\"; [ -z \"$e\" ] || printf \"%s\\n\" \"$e\"; } 3>&1"
    n = output(c, 3000); rc = "rc=?"
    for (j = 1; j <= n; j++) if (BUF[j] ~ /^hyg:rc [0-9]+$/) { rc = "rc=" substr(BUF[j], 8); break }
    err = j  # and an empty line before it
    flow("sshd_t", rc, j > n ? n : j > 2 ? j - 2 : 0, substr(LARG[i], 2))
    begin("sshd_t_err", rc, n > err ? n - err : 0, substr(LARG[i], 2))
    for (j = err + 1; j <= n; j++) print BUF[j] | TEXT
  }
}
function package(   f, l, on) {
  f = "/var/lib/dpkg/status"
  if (state(f, 200000000) == "ok") {
    while ((getline l < ("." f)) > 0) {
      if (l == "Package: openssh-server") on = 1
      else if (on && l == "") break
      else if (on && l ~ /^(Status|Version|Architecture): /) BUF[++N] = l
    }
    close("." f)
  }
  if (N) { flow("sshd_package", "ok", N, f); N = 0; return }
  f = "/lib/apk/db/installed"
  if (state(f, 200000000) == "ok") {
    while ((getline l < ("." f)) > 0) {
      if (l == "P:openssh-server" || l == "P:openssh") on = 1
      if (on && l == "") { if (N) break; on = 0 }
      if (on && l ~ /^[PVA]:/) BUF[++N] = l
    }
    close("." f)
  }
  if (N) { flow("sshd_package", "ok", N, f); N = 0 }
}
function mounts(   l, a) {
  while ((getline l < "./proc/mounts") > 0) { split(l, a, " "); mount(a[2], a[3]) }
  close("./proc/mounts")
  if (!NMNT) { l = "mount 2>/dev/null"; while ((l | getline) > 0) { split($0, a, " "); sub(/^\(/, "", a[4]); sub(/,.*/, "", a[4]); mount(a[3], a[5] ~ /^[a-z0-9.]+$/ ? a[5] : a[4]) } close("mount 2>/dev/null") }
}
function mount(p, type) {
  NMNT++
  # reading there can hang, or mount the homes of everybody; a host whose / is one of these has nothing else
  if (p != "/" && type ~ /^(nfs|nfs4|cifs|smb3|smbfs|autofs|afs|fuse\..*|ceph|glusterfs|lustre|9p|ncpfs|webdav|sshfs)$/) { NET[p] = 1; NETS[++NNET] = p }
  else if (type ~ /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|ufs|bcachefs|apfs|hfs|tmpfs)$/ && p !~ /\/(docker|containers|containerd|kubelet|lxd|lxc)\//) LOCAL[++NLOCAL] = p
}
function directory_accounts(   i, n, a, ids, c, l, U) {  # accounts that sshd knows and /etc/passwd does not: those that own a home here
  want("/home"); settle()
  if (!glob("/home", "*", "accounts")) return
  for (i = 1; i <= NPW; i++) { split(PW[i], a, ":"); U[a[3]] = 1 }
  ids = ""; n = 0
  for (i = 1; i <= NFOUND; i++) { split(M[R["/home"] substr(FOUND[i], 6)], a, " "); if (a[2] ~ /^[0-9]+$/ && !(a[2] in U) && n < 2000) { U[a[2]] = 1; ids = ids " " a[2]; n++ } }
  if (!n) return
  c = "getent passwd" ids " 2>/dev/null"
  n = 0
  while ((c | getline l) > 0 && n < 2000) { l = nohash(l, 7); BUF[++n] = l; PW[++NPW] = l }
  close(c)
  flow("nsspasswd", "ok", n, "")
}

# ---- authorized_keys
function expand(f, a, h,   r, k, c) {
  r = ""
  while ((k = index(f, "%")) > 0) {
    c = substr(f, k + 1, 1)
    r = r substr(f, 1, k - 1) (c == "u" ? a[1] : c == "h" ? h : c == "U" ? a[3] : c == "%" ? "%" : "%" c); f = substr(f, k + 2)
  }
  f = r f
  if (substr(f, 1, 1) != "/") f = h "/" f
  return f
}
function plan(   i, j, a, h, f, d, n) {
  for (i = 1; i <= NPW; i++) {
    n = split(PW[i], a, ":")
    if (n < 6 || PW[i] ~ /^[+-]/ || PW[i] ~ /^hyg:/) continue
    h = a[6]; sub(/\/+$/, "", h); if (h != "" && substr(h, 1, 1) != "/") h = "/" h
    want(h == "" ? "/" : h)
    f = (a[7] == "") ? "/bin/sh" : a[7]
    if (!(f in SHELLS)) { SHELLS[f] = 1; SHELL[++NSHELL] = f; if (substr(f, 1, 1) == "/") want(f) }
    for (j = 1; j <= NPAT; j++) {
      f = expand(PAT[j], a, h)
      if (f in PLANNED) continue
      PLANNED[f] = 1
      if (PAT[j] ~ /[*?[]/) { GLOBS[++NGLOB] = f; continue }  # a pattern from OpenSSH 10.0 on, a name before
      PLAN[++NPLAN] = f; want(f)
    }
  }
  settle()
  for (i = 1; i <= NGLOB; i++) {
    if (i > 300) { note("authorized_keys", "too-many-patterns", GLOBS[i]); break }
    d = GLOBS[i]; match(d, /[*?[]/); d = up(substr(d, 1, RSTART - 1)); if (d == "") d = "/"
    want(d); settle(); glob(d, substr(GLOBS[i], length(d) + 2), "authorized_keys")
    for (j = 1; j <= NFOUND; j++) if (!(FOUND[j] in PLANNED)) { PLANNED[FOUND[j]] = 1; PLAN[++NPLAN] = FOUND[j]; want(FOUND[j]) }
  }
  settle()
}
function verdict(p, krl,   f, l, r, n) {  # ok, krl, unreadable, or filtered: something in it is no key line
  f = "." p; n = 0
  while ((r = (getline l < f)) > 0) {
    if (krl && !n && substr(l, 1, 6) == "SSHKRL") { n = -1; break }
    if (l ~ /PRIVATE KEY/ || l !~ /^[ \t]*(#|$)/ && !keylike(l)) { n = -2; break }
    n += length(l) + 1
  }
  close(f)
  # an awk that drops what stands behind a NUL reads less than there is
  return (r < 0) ? "unreadable" : (n == -1) ? "krl" : (n < SIZE[p]) ? "filtered" : "ok"
}
function kept(l) {
  if (l ~ /BEGIN.*PRIVATE KEY/) BLOCK = 1
  if (BLOCK) { if (l ~ /-----END/) BLOCK = 0; return "hyg:dropped " length(l) }
  if (l ~ /^[ \t]*$/) return ""
  if (l ~ /^[ \t]*#/) return "#"
  return keylike(l) && l !~ /PRIVATE KEY/ ? l : "hyg:dropped " length(l)
}
function nul_splits(   c, l, n) {  # the awk of busybox ends a line at a NUL, where sshd ends only the text
  if (NULS == "") { c = "printf \"a\\000b\\n\""; n = 0; while ((c | getline l) > 0) n++; close(c); NULS = (n > 1) }
  return NULS
}
function filtered(kind, p,   c, l, n, tr) {
  tr = nul_splits()
  c = tr ? "tr \"\\000\" \"\\001\" <" word(R[p]) : "." R[p]; n = 0
  if (tr) while ((c | getline l) > 0) n++
  else while ((getline l < c) > 0) n++
  close(c)
  if (n > 50000) { begin(kind, "toolarge", 0, p); return }
  begin(kind, "filtered", n, p); BLOCK = 0
  for (; n > 0; n--) {
    if ((tr ? (c | getline l) : (getline l < c)) <= 0) l = "-"
    if (tr) sub(/\001.*/, "", l)
    print kept(l) | TEXT
  }
  close(c)
}
# The files of BATCH as they are. They are read by name once more, and a user may have put a link in the place of a file
# meanwhile: so an awk reads them, which lets only key lines and comments pass; then the sum does not fit, and no harm is done.
function send(kind, tag,   how) {
  if (BATCH == "") return
  close(TEXT)  # the text items that wait have to leave first
  how = (tag == "@K") ? "awk \"$HYG_KEYFILES\" \"$@\"" : "cat \"$@\""
  system("set --" BATCH "; echo " tag " " kind "; { cksum \"$@\"; echo; " how "; } 2>/dev/null | " ENC "; echo @E")
  BATCH = ""; NBATCH = 0; BBATCH = 0
}
function keyfiles(kind, n,   i, p, st, r, pass) {  # of PLAN; small files first, so that a huge one starves nobody
  for (pass = 1; pass <= 2; pass++) for (i = 1; i <= n; i++) {
    p = PLAN[i]; st = state(p, BIG); r = R[p]
    if (st == "ok" && (SIZE[r] <= 65536) != (pass == 1)) continue
    if (st != "ok") { if (pass == 1) { begin(kind, st, 0, p); if (st == "notvisited") note("authorized_keys", "network-file-system", p) } continue }
    if (SIZE[r] > BUDGET) { begin(kind, "toolarge", 0, p); continue }
    st = verdict(r, kind == "trust")
    if (st == "unreadable") { begin(kind, st, 0, p); continue }
    if (st == "krl") { send(kind, "@K"); BATCH = " " word(r); send(kind, "@B"); continue }
    # a link at the end could point at any file: only what looks like a key leaves
    if (st == "filtered" || r != p && islink(p)) { BUDGET -= SIZE[r]; filtered(kind, p); continue }
    if ((kind, r) in SENT) continue
    SENT[kind, r] = 1; BUDGET -= SIZE[r]
    if (NBATCH >= 200 || BBATCH + SIZE[r] > 1000000 || length(BATCH) > 50000) send(kind, "@K")
    BATCH = BATCH " " word(r); NBATCH++; BBATCH += SIZE[r]
  }
  send(kind, "@K")
}
function islink(p,   d) { d = real(up(p) "/"); return (d == "/" ? "" : d) substr(p, length(up(p)) + 1) != R[p] }

# ---- private keys: what kind, encrypted or not, whose, and the public part. The private part is never printed.
function byte(o,   g, i, v, k) {
  g = int(o / 3)
  if (g != GROUP) { v = 0; for (i = 1; i <= 4; i++) { k = substr(B64, g * 4 + i, 1); v = v * 64 + ((k in V) ? V[k] : 0) } GROUP = g; G0 = int(v / 65536); G1 = int(v / 256) % 256; G2 = v % 256 }
  o -= g * 3
  return o == 0 ? G0 : o == 1 ? G1 : G2
}
function u32(o) { return ((byte(o) * 256 + byte(o + 1)) * 256 + byte(o + 2)) * 256 + byte(o + 3) }
function head(end) { return substr(B64, 1, int((end + 2) / 3) * 4) }
# openssh-key-v1 carries cipher and public part before the private part; the up to 2 bytes more that a group of
# base64 holds belong to the length of the private part
function openssh(   o, l) {
  GROUP = -1; ENCR = "unknown"; PUBLIC = "-"
  if (substr(B64, 1, 19) != "b3BlbnNzaC1rZXktdjE") return
  o = 15; l = u32(o); if (l > 64) return
  ENCR = (l == 4 && byte(o + 4) == 110 && byte(o + 5) == 111 && byte(o + 6) == 110 && byte(o + 7) == 101) ? "no" : "yes"
  o += 4 + l; l = u32(o); if (l > 64) return
  o += 4 + l; l = u32(o); if (l > 1024) return
  o += 4 + l; if (u32(o) != 1) return
  o += 4; l = u32(o); if (l < 20 || l > 4000 || o + 4 + l > length(B64) * 3 / 4) return
  PUBLIC = "head:" head(o + 4 + l)
}
function der(o, tag,   n, k) {  # sets DO, DL: where the content starts, its length
  if (byte(o) != tag) return 0
  DL = byte(o + 1); DO = o + 2
  if (DL > 127) { k = DL - 128; if (k > 2) return 0; DL = 0; while (k-- > 0) DL = DL * 256 + byte(DO++) }
  return 1
}
# RSA in PKCS#1, also inside PKCS#8: modulus and exponent stand before the private numbers
function rsa(   o) {
  GROUP = -1
  if (!der(0, 48) || !der(DO, 2) || DL != 1 || byte(DO) != 0) return
  o = DO + DL
  if (byte(o) == 48) { if (!der(o, 48) || DL != 13 || !der(DO + DL, 4) || !der(DO, 48) || !der(DO, 2) || DL != 1 || byte(DO) != 0) return; o = DO + DL }
  if (!der(o, 2) || DL < 64 || DL > 2100 || !der(DO + DL, 2) || DL < 1 || DL > 8) return
  if (DO + DL > length(B64) * 3 / 4) return
  PUBLIC = "rsa:" head(DO + DL)
}
function lone(c,   l) { l = ""; c | getline l; close(c); return l }
function private_key(p,   f, l, n, k, m) {  # gives `KIND ENCRYPTED PUBLIC`
  f = "." p; KIND = ""; ENCR = "unknown"; PUBLIC = "-"; B64 = ""
  for (n = 1; n <= 400 && (getline l < f) > 0; n++) {
    sub(/\r$/, "", l)
    if (KIND == "") {
      if (l ~ /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/) {
        k = l; sub(/^-----BEGIN /, "", k); sub(/ ?PRIVATE KEY-----.*/, "", k)
        KIND = (k == "OPENSSH") ? "openssh" : (k == "" || k == "ENCRYPTED") ? "pkcs8" : "pem-" tolower(k)
        gsub(/[^a-z0-9-]/, "-", KIND); ENCR = (k == "ENCRYPTED") ? "yes" : "no"
      } else if (l ~ /^PuTTY-User-Key-File-/) KIND = "putty"
      else if (l ~ /^---- BEGIN SSH2 ENCRYPTED/) { KIND = "ssh.com"; break }
      continue
    }
    if (KIND == "putty") {
      if (l ~ /^Encryption:/) ENCR = (l ~ /^Encryption: *none/) ? "no" : "yes"
      else if (match(l, /^Public-Lines: */)) {
        m = substr(l, RLENGTH + 1) + 0; if (m > 200) m = 0
        while (m-- > 0 && (getline l < f) > 0) { sub(/\r$/, "", l); B64 = B64 l }
        if (B64 ~ /^[A-Za-z0-9+\/=]+$/) PUBLIC = "blob:" B64
        break
      }
      continue
    }
    if (l ~ /^-----END/ || length(B64) > 12000) break
    if (l ~ /^Proc-Type: *4,ENCRYPTED/ || l ~ /^DEK-Info:/) ENCR = "yes"
    else if (l !~ /:/) { gsub(/[ \t]/, "", l); B64 = B64 l }
  }
  close(f)
  if (KIND == "openssh") openssh()
  else if (ENCR == "no" && KIND ~ /^(pem-|pkcs8)/) {
    if (KIND == "pem-rsa" || KIND == "pkcs8") rsa()
    # through a pipe: ssh-keygen refuses files that others can read, and those are the ones that matter
    if (PUBLIC == "-" && TOOLS++ < 200) {
      l = lone("cat " word(p) " | ssh-keygen -y -P \"\" -f /dev/stdin 2>/dev/null"); split(l, A, " ")
      if (A[2] ~ /^AAAA[A-Za-z0-9+\/=]+$/) PUBLIC = "blob:" A[2]
      else { l = lone("openssl pkey -in " word(p) " -passin pass: -pubout -outform DER 2>/dev/null | openssl base64 -A"); if (l ~ /^[A-Za-z0-9+\/=]+$/) PUBLIC = "spki:" l }
    }
  }
  B64 = ""
  return (KIND == "" ? "unknown" : KIND) " " ENCR " " PUBLIC
}
function private_keys(   i, j, r, c, l, n, p, NLS, a, roots) {
  r = "/root /home /etc /var/lib /srv /opt /usr/local /export/home /Users"
  n = split(r, a, " ")
  for (i = 1; i <= n; i++) want(a[i])
  settle(); roots = ""
  for (i = 1; i <= n; i++) {
    if (S[a[i]] == "notvisited") note("private_keys", "network-file-system", a[i])
    if (S[a[i]] == "unreadable" || S[a[i]] == "unknown") note("private_keys", S[a[i]], a[i])
    if (isdir(a[i]) && !(R[a[i]] in TOP)) { TOP[R[a[i]]] = 1; roots = roots " " word(R[a[i]]) }
  }
  # -xdev stops at every mount: local ones below the roots are roots of their own, the others are named
  for (i = 1; i <= NLOCAL; i++) for (r in TOP) if (index(LOCAL[i], r "/") == 1 && !(LOCAL[i] in MNT) && harmless(LOCAL[i])) { MNT[LOCAL[i]] = 1; roots = roots " " word(LOCAL[i]) }
  for (i = 1; i <= NNET; i++) for (r in TOP) if (index(NETS[i], r "/") == 1) note("private_keys", "network-file-system", NETS[i])
  if (roots == "") { flow("private_keys", "ok", 0, ""); return }
  NLS = SQ "*\n*" SQ
  c = "find" roots " -xdev \\( -type d \\( -name proc -o -name sys -o -name .git -o -name node_modules -o -name .cache -o -name overlay2 -o -name overlay -o -name man -o -name locale \\) -prune \\) -o " \
    "-type f -size +100c -size -20480c \\( -path " NLS " -exec sh -c \"for f do echo; done\" sh {} + -o " \
    "-exec grep -lE -e \"^(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|PuTTY-User-Key-File-[123]:|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY)\" {} + \\) 2>&1"
  n = 0; j = 0
  while ((c | getline l) > 0) {
    if (l == "") j++
    else if (l ~ /^\.\//) { l = substr(l, 2); if (l in KEYF) continue; if (n < 5000) { KEYF[l] = 1; KEYS[++n] = l; need(l) } else if (n == 5000) { n++; note("private_keys", "too-many", "more than 5000") } }
    else if (l ~ /ermission denied/) DENIED++
    else if (l ~ /^find: .*(nknown|nrecogni|nvalid|illegal)/) note("private_keys", "search-failed", l)
  }
  close(c)
  if (n > 5000) n = 5000
  if (j) note("private_keys", "file-names-with-newline", j)
  if (DENIED) note("private_keys", "unreadable", DENIED " folders or files")
  QUIET = NSEEN; ask(); NSEEN = QUIET
  for (i = 1; i <= n; i++) {
    p = KEYS[i]
    if (T[p] != "-") { BUF[i] = "unknown unknown - ? ? ? ? " p; continue }
    split(M[p], a, " ")
    BUF[i] = private_key(p) " " a[1] " " a[2] " " a[3] " " a[4] " " p
  }
  flow("private_keys", "ok", n, "")
}

# ---- all of it
BEGIN {
  PROCINFO["BUFFERPIPE"] = 1
  SQ = sprintf("%c", 39); ENC = ENVIRON["HYG_ENC"]; LIVE = (ENVIRON["HYG_MODE"] != "offline"); ROOTUID = (ENVIRON["HYG_UID"] == "0")
  TEXT = "echo @T; " ENC "; echo @E"; LS = "-ldnq"
  SMALL = 262144; BIG = 4194304; BUDGET = 20000000
  x = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  for (i = 1; i <= 64; i++) V[substr(x, i, 1)] = i - 1
  if (LIVE) mounts()
  # does this ls know -q? (the one of busybox does not, and prints no control character of a name anyway)
  ASKED["/"] = 1; list(" ./.")
  if (!("/" in T)) { LS = "-ldn"; list(" ./.") }
  T["/"] = "d"

  n = split("/etc/os-release /usr/lib/os-release /etc/machine-id /var/lib/dbus/machine-id /etc/hostname /etc/passwd /etc/group /etc/nsswitch.conf /etc/shadow /etc/master.passwd " \
    "/etc/doas.conf /usr/local/etc/doas.conf /etc/default/ssh /etc/sysconfig/sshd /etc/pam.conf /etc/pam.d /usr/lib/pam.d /usr/local/etc/pam.d /etc/ssh /etc/nologin /var/run/nologin /run/nologin " \
    "/var/lib/dpkg/status /lib/apk/db/installed /etc/sudoers /etc/ssh/sshd_config /usr/bin/sudo /usr/local/bin/sudo /usr/bin/sudo-rs /usr/bin/doas /usr/local/bin/doas " \
    "/usr/sbin/sshd /usr/local/sbin/sshd /usr/lib/ssh/sshd /usr/bin/sshd /usr/sbin/dropbear", A, " ")
  for (i = 1; i <= n; i++) want(A[i])
  settle()

  # system
  text("os-release", S["/etc/os-release"] == "ok" ? "/etc/os-release" : "/usr/lib/os-release")
  text("machine-id", S["/etc/machine-id"] == "ok" ? "/etc/machine-id" : "/var/lib/dbus/machine-id")
  if (S["/etc/hostname"] == "ok") text("hostname", "/etc/hostname")
  if (LIVE) {
    N = slurp("/proc/sys/kernel/random/boot_id", 1000); flow("boot-id", N > 0 ? "ok" : "absent", N > 0 ? N : 0, "")
    N = output("exec uname -a", 1); UNAME = BUF[1]; flow("uname", "ok", N, "")
  }
  if (ENVIRON["HYG_OWNERS"] != "") {
    close(TEXT)
    system("echo @B owners; { cksum " quoted(ENVIRON["HYG_OWNERS"]) "; echo; cat " quoted(ENVIRON["HYG_OWNERS"]) "; } | " ENC "; echo @E")
  }

  # accounts
  text("passwd", "/etc/passwd"); text("group", "/etc/group"); text("nsswitch", "/etc/nsswitch.conf")
  for (i = 1; i <= N; i++) if (BUF[i] ~ /^[ \t]*passwd:/) { sub(/#.*/, "", BUF[i]); if (BUF[i] ~ /[ \t:](sss|ldap|winbind|nis|nisplus|hesiod|extrausers)/) NSS = 1 }
  if (NSS && LIVE) directory_accounts()
  if (S["/etc/master.passwd"] == "ok") text("shadow", "/etc/master.passwd")
  if (S["/etc/master.passwd"] != "ok" || S["/etc/shadow"] != "absent") text("shadow", "/etc/shadow")

  # sudo
  NNEXT = split("/etc/sudoers /usr/local/etc/sudoers /etc/sudoers-rs", NEXTF, " "); configs("sudoers", "sudo")
  for (i = split("/etc/doas.conf /usr/local/etc/doas.conf", A, " "); i; i--) if (S[A[i]] != "absent") text("doas", A[i])

  # sshd
  NNEXT = 0; SSHD = ""
  if (LIVE) {
    procs()
    n = split("/usr/sbin/sshd /usr/local/sbin/sshd /usr/lib/ssh/sshd /usr/bin/sshd", A, " ")
    for (i = 1; i <= n && SSHD == ""; i++) if (state(A[i], 1000000000) == "ok" && M[R[A[i]]] ~ /^-..x/) SSHD = A[i]
    if (SSHD != "") { N = output(SSHD " -V 2>&1", 20); flow("sshd_version", "ok", N, SSHD) }
  }
  NEXTF[++NNEXT] = "/etc/ssh/sshd_config"; NEXTF[++NNEXT] = "/usr/local/etc/ssh/sshd_config"; NEXTF[++NNEXT] = "/usr/etc/ssh/sshd_config"
  configs("sshd_config", "sshd")
  for (i = split("/etc/default/ssh /etc/sysconfig/sshd", A, " "); i; i--) if (S[A[i]] != "absent") text("sshd_env", A[i])
  N = 0; package()
  if (SSHD != "" && ROOTUID) sshd_t()

  # PAM
  if (S["/etc/pam.conf"] != "absent") text("pam", "/etc/pam.conf")
  for (j = split("/usr/local/etc/pam.d /usr/lib/pam.d /etc/pam.d", DD, " "); j; j--) if (S[DD[j]] != "absent" || j == 3) { glob(DD[j], "*", "pam"); take(); texts("pam") }

  # host keys
  if (S["/etc/ssh"] != "absent") { glob("/etc/ssh", "*.pub", "host_keys"); take(); texts("hostkey_pub") }
  NTAKEN = 0
  for (i = 1; i <= NPUB; i++) { want(PUB[i]); TAKEN[++NTAKEN] = PUB[i] }
  settle(); texts("hostkey_pub")

  # authorized_keys
  pattern(".ssh/authorized_keys"); pattern(".ssh/authorized_keys2")
  plan()
  keyfiles("akeys", NPLAN)
  for (i = 1; i <= NTRUST && i <= 50; i++) { PLAN[i] = TRUST[i]; want(TRUST[i]) }
  settle(); keyfiles("trust", i - 1)

  private_keys()

  # tables
  for (i = 1; i <= NSHELL; i++) {
    p = SHELL[i]; st = S[p]
    if (substr(p, 1, 1) != "/") st = "missing"
    else if (st == "ok") st = (T[R[p]] != "-") ? "missing" : (substr(M[R[p]], 1, 10) ~ /[xst]/) ? "ok" : "notexecutable"
    else if (st == "absent") st = "missing"
    else st = "unknown"
    BUF[i] = st " " p
  }
  flow("shells", "ok", NSHELL + 0, "")
  n = split("/usr/bin/sudo /usr/local/bin/sudo /usr/bin/sudo-rs /usr/bin/doas /usr/local/bin/doas /usr/sbin/sshd /usr/local/sbin/sshd /usr/lib/ssh/sshd /usr/bin/sshd /usr/sbin/dropbear /etc/nologin /var/run/nologin /run/nologin", A, " ")
  for (i = 1; i <= n; i++) BUF[i] = (S[A[i]] == "ok" ? "present" : S[A[i]]) " " A[i]
  flow("exists", "ok", n, "")
  for (i = 1; i <= NDIRS; i++) BUF[i] = DSTATE[DIRLIST[i]] " " DIRLIST[i]
  flow("dirs", "ok", NDIRS + 0, "")
  for (i = 1; i <= NLINKED; i++) BUF[i] = LINKED[i]
  flow("links", "ok", NLINKED + 0, "")
  n = 0
  for (i = 1; i <= NSEEN; i++) if (SEEN[i] in M) BUF[++n] = M[SEEN[i]] " " SEEN[i]
  flow("meta", "ok", n, "")
  close(TEXT)
  for (i = 1; i <= NOTES && i <= 2000; i++) print NOTE[i]
  if (NOTES > 2000) print "@N authorized_keys too-many-notes " NOTES
  print "@DONE"
}'
}

hyg_main "$@"
