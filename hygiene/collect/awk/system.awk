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
