"""Passwords that are not equal and yet alike: the same word with another year, sign, case or l33t spelling.

`clusters.Clusters` is told each entry once and keeps keyed digests only; `skeletons` says what two passwords share.
"""
