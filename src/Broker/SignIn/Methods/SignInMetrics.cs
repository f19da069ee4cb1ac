using System.Diagnostics.Metrics;
using Broker.Foundation.Results;
using Broker.Metrics;
using Broker.Sessions;

namespace Broker.SignIn.Methods;

/// <summary>How many people tried to sign in by each method, and how that ended.</summary>
internal sealed class SignInMetrics
{
    /// <summary>What the sign-ins of all OpenID providers are called: a state that is unknown names none.</summary>
    public const string Provider = "oauth2";

    private readonly SessionMetrics _all;
    private readonly Dictionary<string, (Counter<long> Proven, Counter<long> Refused)> _methods;

    public SignInMetrics(Meter meter, SessionMetrics all)
    {
        _all = all;
        _methods = ((string[])[SignInMethod.WalletSignature, SignInMethod.EmailLink, SignInMethod.Passkey, Provider])
            .ToDictionary(method => method, method => (
                meter.Counter($"agentkeys_broker_sign_ins_{method}_total", $"Identities proven by {method}."),
                meter.Counter($"agentkeys_broker_sign_ins_{method}_refused_total", $"Proofs by {method} refused.")));
    }

    public IReadOnlyList<Instrument> All =>
        [.. _methods.Values.SelectMany(one => (Instrument[])[one.Proven, one.Refused])];

    /// <summary>Counts one proof, and whether it held.</summary>
    /// <param name="method">A word of <see cref="SignInMethod"/> but a provider's, or <see cref="Provider"/>.</param>
    public void Count(string method, Refusal? refusal)
    {
        _all.Count(refusal);
        var (proven, refused) = _methods[method];
        (refusal is null ? proven : refused).Add(1);
    }
}
