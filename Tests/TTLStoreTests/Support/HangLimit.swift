import Testing

extension Trait where Self == TimeLimitTrait {
    /// Makes it a failure to wait for ever. A test's time counts while others keep it from running, so this is far more
    /// than any takes by itself.
    static var hangLimit: Self { .timeLimit(.minutes(15)) }
}
