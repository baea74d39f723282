package jsonbody

// Nesting returns how deep valid JSON is nested, and how many bytes of line ends and spaces it takes to indent it by two spaces a level:
// what is short and deep becomes very long.
func Nesting(raw []byte) (deepest, indentation int) {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++ // what is escaped doesn't end the string
				}
			}
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
			indentation += 1 + 2*depth
		case ',':
			indentation += 1 + 2*depth
		case '}', ']':
			depth--
			indentation += 1 + 2*max(depth, 0)
		}
	}
	return deepest, indentation
}
