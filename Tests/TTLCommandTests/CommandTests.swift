import Testing

@Test("the command exists") func exists() {}
