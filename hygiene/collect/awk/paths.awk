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
    if (t == "l") { L[n] = harmless(LINK) ? LINK : ""; LNK[++NLNK] = n }
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
function need(p) { if (!(p in ASKED)) { ASKED[p] = 1; NEED[++NNEED] = p; if (PASSING) PASSED[++NPASS] = p } }
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
