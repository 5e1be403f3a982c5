import Testing

/// For calls that change what they are asked of, which `#expect` cannot take.
func expect<Value: Equatable>(_ value: Value, _ expected: Value, at location: SourceLocation = #_sourceLocation) {
  #expect(value == expected, sourceLocation: location)
}
