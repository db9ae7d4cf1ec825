# ---- the running system
function output(c, max,   n, l) { n = 0; while ((c | getline l) > 0 && n < max) BUF[++n] = substr(l, 1, 8000); close(c); return n }
function procs(   c, l, i, a, n, u, w, o, t, k) {
  c = (UNAME ~ /BSD|DragonFly|Darwin/) ? "-axo" : "-eo"
  # (the last but one for the ps of busybox, which knows no -e)
  c = "ps " c " pid,ppid,user,etime,args 2>/dev/null || ps -eo pid,ppid,user,args 2>/dev/null || ps -o pid,ppid,user,etime,args 2>/dev/null || ps 2>/dev/null"
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
    options(a, (t == "sshd:") ? w + 2 : w + 1, n); follow()
    o = ""; t = ""
    for (i = 1; i <= NOPTS; i++) {
      o = o " -" OPTS[i] OPTQ[i] OPTV[i]
      t = t " -" OPTS[i] OPTQ[i] quoted(OPTV[i])
    }
    if (!(o in LARGS)) { LARGS[o] = 1; if (NL < 8) { LARG[++NL] = o; LCMD[NL] = t } else note("sshd", "too-many-daemons", o) }
  }
  close(c)
  flow("ps", "ok", N, "")
}
function sshd_t(   i) {
  if (!NL) { LARG[++NL] = ""; LCMD[NL] = "" }
  for (i = 1; i <= NL; i++) asked("sshd_t", LCMD[i], substr(LARG[i], 2))
}
function asked(kind, args, path,   c, j, n, rc, err) {  # what sshd -T says with these arguments, and its errors
  c = "{ e=$(" SSHD " -T" args " 2>&1 1>&3 3>&-); r=$?; echo; echo \"hyg:rc $r\"; [ -z \"$e\" ] || printf \"%s\\n\" \"$e\"; } 3>&1"
  n = output(c, 3000); rc = "rc=?"
  for (j = 1; j <= n; j++) if (BUF[j] ~ /^hyg:rc [0-9]+$/) { rc = "rc=" substr(BUF[j], 8); break }
  err = j  # and an empty line before it
  flow(kind, rc, j > n ? n : j > 2 ? j - 2 : 0, path)
  begin(kind "_err", rc, n > err ? n - err : 0, path)
  for (j = err + 1; j <= n; j++) print BUF[j] | TEXT
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
  if (N) { flow("sshd_package", "ok", N, f); N = 0; return }
  if (LIVE && (isdir("/var/lib/rpm") || isdir("/usr/lib/sysimage/rpm"))) {
    # as nobody: for root it writes to a file beside its database even when it only reads
    l = "t=; command -v timeout >/dev/null 2>&1 && t=\"timeout 20\"; exec $t " (ROOTUID ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "") "rpm -q --qf \"%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE}\\n\" openssh-server openssh 2>/dev/null"
    while ((l | getline f) > 0) if (!N && f ~ /^openssh(-server)? (\(none\)|[0-9]+):[0-9][A-Za-z0-9.^~+_-]*$/) { sub(/^[^ ]+ (\(none\):)?/, "Version: ", f); BUF[++N] = f }
    close(l)
    if (N) { flow("sshd_package", "ok", N, isdir("/usr/lib/sysimage/rpm") ? "/usr/lib/sysimage/rpm" : "/var/lib/rpm"); N = 0; return }
  }
  binary()
}
function binary(   c, l, best) {  # no package database answers: the version that the program itself names, without running it
  if (SSHD == "" || SIZE[R[SSHD]] > 67108864) return
  c = "grep -aoE \"OpenSSH_[0-9][0-9.]*(p[0-9]+)?( [A-Za-z]+-[0-9A-Za-z.+~-]+)?[*]?\" " word(R[SSHD]) " 2>/dev/null"; best = ""
  # with a star it is a pattern of other versions; the longest says most
  while ((c | getline l) > 0) if (l !~ /\*$/ && length(l) > length(best) && length(l) < 100) best = l
  close(c)
  if (best != "") { BUF[1] = best; flow("sshd_binary", "ok", 1, SSHD) }
}
# ---- how sshd is started: units of systemd, their environment files, inetd
function unitlike(l,   x) {  # a line without what may be a secret
  if (l ~ /^[ \t]*[#;]/) return "#"
  x = tolower(l); gsub(/passwordauthentication|permitemptypasswords/, "", x)
  return (length(l) > 8192 || x ~ /passw|passphrase|secret|token|credential/) ? "hyg:dropped " length(l) : l
}
function unit(p,   i, l, e, n, a, any) {
  if ((("unit", p) in DONE)) return
  DONE["unit", p] = 1; want(p); settle()
  if (S[p] == "absent" && !(T[p] == "l")) return
  l = load(p, SMALL); any = 0
  for (i = 1; i <= N; i++) if (index(BUF[i], "sshd")) any = 1
  # of the other units that have ssh in their name, those that have to do with sshd
  if (!any && p ~ /\.(service|socket)$/ && p !~ /\/sshd?@?\.(service|socket)$/) return
  for (i = 1; i <= N; i++) {
    BUF[i] = unitlike(BUF[i])
    if (p ~ /inetd\.conf$/ && BUF[i] !~ /sshd|^#$/) BUF[i] = "hyg:dropped " length(BUF[i])
  }
  flow("unit", l, N, p)
  l = ""
  for (i = 1; i <= N; i++) {
    if (BUF[i] == "#") continue
    l = l BUF[i]
    if (sub(/\\$/, " ", l) && i < N) continue
    if (l ~ /^[ \t]*EnvironmentFile[ \t]*=/) { e = l; sub(/^[^=]*=[ \t]*-?/, "", e); sub(/[ \t\r]+$/, "", e); if (e ~ /^\// && e !~ /[*?[]/) ENVF[++NENVF] = e }
    else if (l ~ /sshd|-[fo]|^[ \t]*Environment/) started(l)
    l = ""
  }
}
function started(l,   n, a) {  # NAME=WORDS, also with a name inside: ExecStart=, Environment="OPTIONS=...", SSHD_OPTS=
  gsub(/"/, " ", l); gsub(SQ, " ", l)
  for (n = 0; n < 2; n++) sub(/^[ \t]*(export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*[ \t]*=/, "", l)
  n = split(l, a, " "); options(a, 1, n); follow()
}
function env(p,   i) {
  if (("sshd_env", p) in DONE) return
  DONE["sshd_env", p] = 1; want(p); settle()
  if (S[p] == "absent") return
  i = load(p, SMALL); flow("sshd_env", i, N, p)
  for (i = 1; i <= N; i++) if (BUF[i] !~ /^[ \t]*#/ && BUF[i] ~ /-[46DdeiqrtTG]*[fo]/) started(" " BUF[i])
}
function units(   i, j, k, n, d, a, m, b) {
  n = split("/etc/systemd/system /run/systemd/system /usr/lib/systemd/system /lib/systemd/system", d, " ")
  for (i = 1; i <= n; i++) {
    if (isdir(d[i]) && R[d[i]] in UDIRS) continue
    UDIRS[R[d[i]]] = 1
    m = glob(d[i], "*ssh*", "sshd"); for (j = 1; j <= m; j++) { a[j] = FOUND[j]; want(a[j]) }
    settle()
    for (j = 1; j <= m; j++) {
      if (a[j] ~ /\.(service|socket)$/) unit(a[j])
      else if (a[j] ~ /\.(service|socket)\.d$/ && isdir(a[j])) { k = glob(a[j], "*.conf", "sshd"); for (b = 1; b <= k; b++) TAKEN[b] = FOUND[b]; for (b = 1; b <= k && b <= 100; b++) unit(TAKEN[b]) }
    }
  }
  if (S["/etc/inetd.conf"] != "absent") unit("/etc/inetd.conf")
  if (isdir("/etc/xinetd.d")) { m = glob("/etc/xinetd.d", "ssh*", "sshd"); for (j = 1; j <= m; j++) a[j] = FOUND[j]; for (j = 1; j <= m; j++) unit(a[j]) }
  env("/etc/sysconfig/sshd"); env("/etc/default/ssh"); env("/etc/conf.d/sshd"); env("/etc/crypto-policies/back-ends/opensshserver.config")
  for (i = 1; i <= NENVF && i <= 20; i++) env(ENVF[i])
}
function times(   i, c, l, p, E, n) {  # when the configuration changed, to be compared with how long the daemons run
  if (SSHD != "") TIMED[++NTIMED] = SSHD
  # sshd writes its pid anew when SIGHUP makes it read its configuration again
  PIDF[++NPIDF] = "/run/sshd.pid"; PIDF[++NPIDF] = "/var/run/sshd.pid"
  for (i = 1; i <= NPIDF; i++) if (!(PIDF[i] in PIDS)) { PIDS[PIDF[i]] = 1; TIMED[++NTIMED] = PIDF[i]; want(PIDF[i]) }
  settle()
  c = ""; n = 0
  for (i = 1; i <= NTIMED; i++) if (S[TIMED[i]] == "ok") c = c " " word(R[TIMED[i]])
  if (c == "") return
  c = "stat -c %Y . >/dev/null 2>&1 && exec stat -c \"%Y %n\"" c " 2>/dev/null; exec stat -f \"%m %N\"" c " 2>/dev/null"
  while ((c | getline l) > 0) if (match(l, /^[0-9]+ \./)) E[substr(l, RLENGTH + 1)] = substr(l, 1, RLENGTH - 2)
  close(c)
  for (i = 1; i <= NTIMED; i++) { p = TIMED[i]; if (S[p] == "ok" && R[p] in E) BUF[++n] = E[R[p]] " " p }
  if (n) flow("conf_times", "ok", n, "")
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
