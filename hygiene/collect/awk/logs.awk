# ---- key use, only with -l: which key logged in as whom, from where, first and last and how often
# In journal and log files a line of sshd is believed by its place alone: name and pid of sshd, then its words from the start on.
function days(y, m, d,   e) {  # since 1970
  if (m <= 2) { y--; m += 12 }
  e = int(y / 400); y -= e * 400
  return e * 146097 + y * 365 + int(y / 4) - int(y / 100) + int((153 * (m - 3) + 2) / 5) + d - 719469
}
function seconds(hms,   a) { split(hms, a, ":"); return a[1] * 3600 + a[2] * 60 + a[3] }
function offset(z) { gsub(/:/, "", z); return (z ~ /^[+-][0-9][0-9][0-9][0-9]$/) ? (substr(z, 1, 1) == "-" ? -1 : 1) * (substr(z, 2, 2) * 3600 + substr(z, 4, 2) * 60) : 0 }
function month(l,   i) { i = index("JanFebMarAprMayJunJulAugSepOctNovDec", substr(l, 1, 3)); return (i % 3 == 1 && substr(l, 4, 1) == " ") ? (i + 2) / 3 : 0 }
# AT: seconds since 1970 of a line of sshd, MSG: what it says; 0 for any other line. YEAR is that of a line without one.
function sshdline(l,   z) {
  if (match(l, /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]([.,][0-9]+)?(Z|[+-][0-9:]+) [^ ]+ ([a-z0-9]+[.][a-z]+ )?sshd(-session)?\[[0-9]+\]: /)) {
    MSG = substr(l, RLENGTH + 1); z = substr(l, 20); sub(/ .*/, "", z); sub(/^[.,][0-9]+/, "", z)
    AT = days(substr(l, 1, 4) + 0, substr(l, 6, 2) + 0, substr(l, 9, 2)) * 86400 + seconds(substr(l, 12, 8)) - offset(z)
    return 1
  }
  if (match(l, /^[A-Z][a-z][a-z] [ 0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9] [^ ]+ ([a-z0-9]+[.][a-z]+ )?sshd(-session)?\[[0-9]+\]: /)) {
    MSG = substr(l, RLENGTH + 1)
    AT = days(YEAR, month(l), substr(l, 5, 2) + 0) * 86400 + seconds(substr(l, 8, 8)) - ZONE
    return 1
  }
  return 0
}
# auth_log() of sshd. No account name of passwd has a colon, but the ID of a certificate may hold anything: where the words
# stand twice, nobody knows which are those of sshd, and the line counts for nothing.
function accepted(   u, a, t, f, i, n) {
  if (!match(MSG, /^(Accepted|Partial) publickey for /)) return
  u = substr(MSG, RLENGTH + 1)
  if (!match(u, / from [0-9A-Za-z:.%_-]+ port [0-9]+ ssh2: /)) return
  t = substr(u, RSTART + RLENGTH); split(substr(u, RSTART, RLENGTH), a, " "); u = substr(u, 1, RSTART - 1)
  if (t ~ / port [0-9]+ ssh2/ || u == "" || u ~ /^invalid user /) { ODDUSE++; return }
  n = split(t, f, " ")
  if (n == 2 && t ~ /^[A-Z0-9-]+ SHA256:[A-Za-z0-9+\/]+$/) used(u, f[2], a[2])
  else if (t ~ /^[A-Z0-9-]+-CERT SHA256:[A-Za-z0-9+\/]+ ID .*[(]serial [0-9]+[)] CA [A-Z0-9-]+ SHA256:[A-Za-z0-9+\/]+$/) { used(u, f[2], a[2]); used(u, f[n], a[2]) }
  else ODDUSE++
}
function used(u, fp, addr,   k) {
  if (length(fp) != 50 || length(u) > 200 || length(addr) > 100) { ODDUSE++; return }
  k = u " " fp " " addr
  if (!(k in LCOUNT)) { if (NLUSE >= 50000) { MANYUSES = 1; return } LUSE[++NLUSE] = k; LFIRST[k] = AT; LLAST[k] = AT }
  LCOUNT[k]++
  if (AT < LFIRST[k]) LFIRST[k] = AT
  if (AT > LLAST[k]) LLAST[k] = AT
}
# One log, the output of C: gives 1 when it was read to its end. Lines from UNTIL on have been counted in a log before.
# Where lines have no year they are gone through twice: how often the year turns tells what year the first one is of.
function readlog(c, cut,   l, m, prev, wraps, rel, final, rc, pass, n, held, heldyear) {
  c = c " 2>/dev/null; r=$?; echo; echo \"hyg:rc $r\""
  for (pass = 2; pass <= 2; pass++) {
    prev = 0; rel = 0; rc = ""; READ = 0; n = 0; NLUSE = 0; LOGFIRST = ""; LOGLAST = ""; held = ""
    for (l in LCOUNT) delete LCOUNT[l]
    while ((c | getline l) > 0) {
      if (l ~ /^hyg:rc /) { rc = substr(l, 8); continue }
      rc = ""; READ += length(l) + 1
      if (READ > LOGBUDGET) break
      if (++n == 1 && cut) continue
      if (substr(l, 4, 1) == " " && (m = month(l))) {
        if (pass == 2 && wraps == "") pass = 1
        if (m < prev - 1) rel++
        prev = m
        if (pass == 2) YEAR = FILEYEAR - (final > FILEMONTH) - (wraps - rel)
      }
      if (pass == 1 || !index(l, "sshd[") && !index(l, "sshd-session[")) continue
      if (LOGFIRST == "") { if (sshdline(l)) { LOGFIRST = AT; LOGLAST = AT } }
      else { held = l; heldyear = YEAR }
      if ((index(l, "Accepted publickey for ") || index(l, "Partial publickey for ")) && sshdline(l) && (UNTIL == "" || AT < UNTIL)) accepted()
    }
    close(c)
    if (rc != "0") return 0
    # the year of the last line is that of the file, or the one before
    if (pass == 1) { wraps = rel; final = prev }
  }
  YEAR = heldyear
  if (held != "" && sshdline(held)) { if (AT < LOGFIRST) LOGFIRST = AT; if (AT > LOGLAST) LOGLAST = AT }
  for (m = 1; m <= NLUSE; m++) {
    l = LUSE[m]
    if (!(l in UCOUNT)) { if (NUSE >= 20000) { MANYUSES = 1; break } USE[++NUSE] = l; UFIRST[l] = LFIRST[l]; ULAST[l] = LLAST[l] }
    UCOUNT[l] += LCOUNT[l]
    if (LFIRST[l] < UFIRST[l]) UFIRST[l] = LFIRST[l]
    if (LLAST[l] > ULAST[l]) ULAST[l] = LLAST[l]
  }
  LOGBUDGET -= READ
  if (LOGFIRST != "") {
    if (FIRSTSEEN == "" || LOGFIRST < FIRSTSEEN) FIRSTSEEN = LOGFIRST
    if (LASTSEEN == "" || LOGLAST > LASTSEEN) LASTSEEN = LOGLAST
  }
  return 1
}
function reach(source) {
  if (FIRSTSEEN != "") { REACH[++NREACH] = FIRSTSEEN " " LASTSEEN " " source; if (UNTIL == "" || FIRSTSEEN < UNTIL) UNTIL = FIRSTSEEN }
  FIRSTSEEN = ""; LASTSEEN = ""
}
function modified(p,   a, y) {  # FILEYEAR and FILEMONTH, of what ls says
  split(M[p], a, " "); split(a[5], a, "_")
  FILEMONTH = month(a[1] " ")
  FILEYEAR = (a[3] ~ /:/) ? NOWYEAR - (FILEMONTH > NOWMONTH) : a[3] + 0
}
function family(base,   n, i, j, a, r, rank, best, p, z) {  # a log and its rotated parts, the newest first; a gap ends it
  n = glob("/var/log", base "*", "logs")
  for (i = 1; i <= n; i++) { a[i] = FOUND[i]; want(a[i]) }
  settle()
  for (i = 1; i <= n; i++) {
    p = substr(a[i], length("/var/log/" base) + 1); z = ""
    if (match(p, /[.](gz|xz|bz2|zst|Z)$/)) { z = substr(p, RSTART + 1); p = substr(p, 1, RSTART - 1) }
    if (p == "") rank[i] = -1
    else if (p ~ /^[.][0-9]+$/) rank[i] = substr(p, 2) + 0
    else if (p ~ /^-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]+$/) rank[i] = 1000000000 - substr(p, 2, 8)
    else rank[i] = ""
    r[i] = z
  }
  for (j = 1; j <= n && j <= 400; j++) {
    best = 0
    for (i = 1; i <= n; i++) if (rank[i] != "" && (!best || rank[i] < rank[best])) best = i
    if (!best) break
    rank[best] = ""; p = a[best]
    if (state(p, 100000000000) != "ok") { note("logs", S[p] == "ok" ? "notregular" : S[p], p); break }
    if (SIZE[R[p]] == 0) continue
    modified(R[p])
    if (LOGBUDGET <= 0) { note("logs", "too-large", p); break }
    if (r[best] == "gz") z = readlog("gzip -dc " word(R[p]))
    else if (r[best] != "") z = 0
    else if (SIZE[R[p]] > LOGBUDGET) { readlog("tail -c " (LOGBUDGET - 9) " " word(R[p]), 1); LOGBUDGET = 0; note("logs", "too-large", p); break }
    else z = readlog("cat " word(R[p]))
    if (!z) { note("logs", r[best] == "" || r[best] == "gz" ? "not-read" : "compression", p); break }
  }
  reach("/var/log/" base)
}
function logs(   i, c, n, l) {
  LOGBUDGET = 67108864; UNTIL = ""
  srand(); n = srand(); NOWYEAR = 1970 + int(n / 31556952); NOWMONTH = 12
  for (i = 1; i <= 12; i++) if (days(NOWYEAR, i, 1) * 86400 > n) { NOWMONTH = i - 1; break }
  if (NOWMONTH == 0) { NOWYEAR--; NOWMONTH = 12 }
  ZONE = LIVE ? offset(lone("unset TZ; date +%z 2>/dev/null")) : 0
  want("/var/log"); want("/var/log/journal"); settle()
  if (LIVE && lone("command -v journalctl") != "") {
    # only what root wrote: anybody can log under the name of sshd
    c = "t=; command -v timeout >/dev/null 2>&1 && t=\"timeout 60\"; $t journalctl -q --no-pager -o short-iso -n 200000 _UID=0 -t sshd -t sshd-session"
    FILEYEAR = NOWYEAR; FILEMONTH = NOWMONTH
    if (!readlog(c)) note("logs", "not-read", "the journal")
    reach("journal")
  } else if (isdir("/var/log/journal")) note("logs", "not-read", "the journal")
  n = split("auth.log secure messages", A, " ")
  for (i = 1; i <= n; i++) family(A[i])
  if (ODDUSE) note("logs", "odd-lines", ODDUSE " lines on keys are not as sshd writes them")
  if (MANYUSES) note("logs", "too-many", "more than 20000 uses")
  for (i = 1; i <= NUSE; i++) BUF[i] = USE[i] " " UFIRST[USE[i]] " " ULAST[USE[i]] " " UCOUNT[USE[i]]
  flow("key_uses", "ok", NUSE + 0, "")
  for (i = 1; i <= NREACH; i++) BUF[i] = REACH[i]
  flow("logs_since", "ok", NREACH + 0, "")
}
