package jsonbody

// Nesting returns how deep valid JSON is nested, and how many bytes of line ends and spaces it takes to indent it by two spaces a level:
// what is short and deep becomes very long.
func Nesting(raw []byte) (deepest, indentation int) {
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch char := raw[i]; {
		case inString && char == '\\':
			i++
		case char == '"':
			inString = !inString
		case inString:
		case char == '{' || char == '[':
			depth++
			deepest = max(deepest, depth)
			indentation += 1 + 2*depth
		case char == ',':
			indentation += 1 + 2*depth
		case char == '}' || char == ']':
			depth--
			indentation += 1 + 2*max(depth, 0)
		}
	}
	return deepest, indentation
}
