"""From what one host said to rows and gaps: the other rooms know the rules, this one knows what was seen."""
