"""How guessable a password is: the reference's score, our overlay, and coarse reasons for them."""
