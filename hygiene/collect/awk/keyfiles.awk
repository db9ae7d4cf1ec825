# ---- authorized_keys
function expand(f, a, h,   r, k, c) {
  r = ""
  # a tilde is a home folder, and alone that of the user who reads the configuration: root (tilde_expand_filename() in misc.c)
  if (match(f, /^~[^\/]*/)) { c = substr(f, 2, RLENGTH - 1); f = ((c == "") ? ROOTHOME : HOMES[c]) substr(f, RLENGTH + 1); if (f == "") f = "/" }
  while ((k = index(f, "%")) > 0) {
    c = substr(f, k + 1, 1)
    r = r substr(f, 1, k - 1) (c == "u" ? a[1] : c == "h" ? h : c == "U" ? a[3] : c == "%" ? "%" : "%" c); f = substr(f, k + 2)
  }
  f = r f
  if (substr(f, 1, 1) != "/") f = h "/" f
  return f
}
function folder_of(h) { sub(/\/+$/, "", h); return (h != "" && substr(h, 1, 1) != "/") ? "/" h : h }
function plan(   i, j, a, h, f, d, n) {
  ROOTHOME = "/root"
  for (i = NPW; i; i--) { split(PW[i], a, ":"); HOMES[a[1]] = a[6]; if (a[3] == "0" && a[6] ~ /^\//) ROOTHOME = a[6] }
  for (i = 1; i <= NPW; i++) {
    n = split(PW[i], a, ":")
    if (n < 6 || PW[i] ~ /^[+-]/ || PW[i] ~ /^hyg:/) continue
    h = folder_of(a[6])
    want(h == "" ? "/" : h)
    f = (a[7] == "") ? "/bin/sh" : a[7]
    if (!(f in SHELLS)) { SHELLS[f] = 1; SHELL[++NSHELL] = f; want(absolute(f, "")) }
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
function verdict(p, krl,   f, l, r, n) {  # ok, krl, unreadable, or filtered: something in it is no key line, or a NUL
  f = "." p; n = 0
  while ((r = (getline l < f)) > 0) {
    if (krl && !n && substr(l, 1, 6) == "SSHKRL") { n = -1; break }
    # (tolower() of mawk 1.3.4 loses a NUL at the start)
    if (KEEPSNUL && index(l, NUL) || l ~ /PRIVATE KEY/ || l !~ /^[ \t]*(#|$)/ && !keylike(l)) { n = -2; break }
    n += length(l) + 1
  }
  close(f)
  # an awk that drops what stands behind a NUL reads less than there is
  return (r < 0) ? "unreadable" : (n == -1) ? "krl" : (n < SIZE[p]) ? "filtered" : "ok"
}
function kept(l,   t) {
  if (l ~ /BEGIN.*PRIVATE KEY/) BLOCK = 1
  if (BLOCK) { if (l ~ /-----END/) BLOCK = 0; return "hyg:dropped " length(l) }
  t = uptonul(l)
  if (t ~ /^[ \t]*$/) return ""
  if (t ~ /^[ \t]*#/) return "#"
  return keylike(t) && l !~ /PRIVATE KEY/ ? t : "hyg:dropped " length(l)
}
function filtered(kind, p, r,   c, n) {
  c = opening(r); n = 0
  while (nextline(c) > 0) n++
  close(c)
  if (n > 50000) { begin(kind, "toolarge", 0, p); return }
  begin(kind, "filtered", n, p); BLOCK = 0
  for (; n > 0; n--) { if (nextline(c) <= 0) LINE = "-"; print marked(LINE, kept(LINE)) | TEXT }
  close(c)
}
# The files of BATCH as they are. They are read by name once more, and a user may have put a link in the place of a file
# meanwhile: so an awk reads them, which lets only key lines and comments pass; then the sum does not fit, and no harm is done.
function send(kind, tag,   how, i) {
  if (BATCH == "") return
  if (tag == "@K" && !KEEPSNUL && nuls(BATCH)) {  # not to be read line by line
    BATCH = ""
    for (i = 1; i <= NBATCH; i++) if (nuls(" " word(BREAL[i]))) filtered(kind, BREAL[i], BREAL[i]); else BATCH = BATCH " " word(BREAL[i])
  }
  close(TEXT)  # the text items that wait have to leave first
  how = (tag == "@K") ? "awk \"$HYG_KEYFILES\" \"$@\"" : "cat \"$@\""
  system("set --" BATCH "; echo " tag " " kind "; { cksum \"$@\"; echo; " how "; } 2>/dev/null | " ENC "; echo @E")
  BATCH = ""; NBATCH = 0; BBATCH = 0
}
function nuls(words) { return lone("cat" words " 2>/dev/null | tr -dc \"\\000\" | wc -c") + 0 }
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
    if (st == "filtered" || r != p && islink(p)) { BUDGET -= SIZE[r]; filtered(kind, p, r); continue }
    if ((kind, r) in SENT) continue
    SENT[kind, r] = 1; BUDGET -= SIZE[r]
    if (NBATCH >= 200 || BBATCH + SIZE[r] > 1000000 || length(BATCH) > 50000) send(kind, "@K")
    BATCH = BATCH " " word(r); BREAL[++NBATCH] = r; BBATCH += SIZE[r]
  }
  send(kind, "@K")
}
function islink(p,   d) { d = real(up(p) "/"); return (d == "/" ? "" : d) substr(p, length(up(p)) + 1) != R[p] }
