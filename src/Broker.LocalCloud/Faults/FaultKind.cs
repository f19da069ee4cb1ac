namespace Broker.LocalCloud.Faults;

/// <summary>How a part can be made to fail.</summary>
public enum FaultKind
{
    /// <summary>Answers 500 <c>InternalFailure</c>.</summary>
    Error,

    /// <summary>Answers 400 <c>Throttling</c> (503 <c>SlowDown</c> on S3).</summary>
    Throttle,

    /// <summary>Waits before it does its work.</summary>
    Slow,
}
