CHECKS: list[object] = []
