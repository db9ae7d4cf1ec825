"""Password lists in, scored entries out: `lists.score_lists` is the only door.

`read` opens the formats, `score` judges what they hold. No password leaves this folder: what comes out is a
row number, names beside the password, a length band, two scores and coarse reasons.
"""
