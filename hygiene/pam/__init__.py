"""What PAM asks of a login: stacks as libpam reads and walks them, and models of the modules that stand in them.

`stack.read` takes the files of a host, `account.account_stage` and `auth.auth_stage` judge one account from one place.
"""
