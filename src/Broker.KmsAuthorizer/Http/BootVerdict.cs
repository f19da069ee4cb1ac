using Broker.Foundation.Results;

namespace Broker.KmsAuthorizer.Http;

/// <summary>What an authority says about a boot.</summary>
internal abstract record BootVerdict
{
    private BootVerdict() { }

    /// <summary>It may boot.</summary>
    public sealed record Allowed(string GatewayAppId) : BootVerdict;

    /// <summary>It may not, and why; the reason ends up in front of the operator of the refused machine.</summary>
    public sealed record Denied(string Reason, string GatewayAppId) : BootVerdict;

    /// <summary>The request cannot be put to this authority; the refusal names the field.</summary>
    public sealed record Invalid(Refusal Refusal) : BootVerdict;

    /// <summary>Nobody could be asked in time. Counts as a denial; what happened stays in the log.</summary>
    public sealed record Unavailable : BootVerdict;
}
