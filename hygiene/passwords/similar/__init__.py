"""Passwords that are not equal and yet alike: the same word with another year, sign, case or l33t spelling.

`clusters.Clusters` is told each distinct password once and keeps keyed digests only. `skeletons` says what two
passwords share, `typos` which ones a character keeps apart, `owners` who stands together; `meetings` finds equal ones.
"""
