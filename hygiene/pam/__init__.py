"""What PAM asks of a login. For now: is the stack of sshd the one that its distribution ships?"""
