REPORTS: list[object] = []
