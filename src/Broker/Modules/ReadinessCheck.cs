namespace Broker.Modules;

/// <summary>How ready a part is (contract §2.3).</summary>
internal enum Readiness
{
    Ready,
    Degraded,
    Unready,
}

/// <summary>One part's word on itself. Nothing is ready by default: each check proves it or says why not.</summary>
internal sealed record ReadinessCheck(string Name, Readiness Status, string Reason = "");
