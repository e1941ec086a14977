import Testing

extension Trait where Self == TimeLimitTrait {
    /// Makes a test that waits for ever fail. Its time also counts while other tests keep it from running, so the limit
    /// is far more than any test needs alone.
    static var hangLimit: Self { .timeLimit(.minutes(15)) }
}
