using Broker.Foundation.Results;
using Broker.Kms.Configuration;
using Broker.Kms.Machine;

namespace Broker.Kms.Authorization;

/// <summary>
/// Whether the KMS itself may act: before anything is released, its own measurements go to the same authority that
/// decides about everybody else (kms-protocol §8.1). Asked each time, so that a change of policy counts at once.
/// </summary>
internal sealed class SelfAuthorization(KmsOptions options, SelfIdentity self, IBootAuthority authority)
{
    /// <summary>Null when the KMS may act; otherwise why not, as every trusted RPC answers it.</summary>
    public async Task<Refusal?> RefusalAsync(CancellationToken stop) =>
        (await DecideAsync(RuntimeWords, stop))?.Within("KMS self authorization failed");

    /// <summary>The same question while there are no keys yet, in the words of bootstrapping.</summary>
    public Task<Refusal?> BootstrapRefusalAsync(CancellationToken stop) => DecideAsync(BootstrapWords, stop);

    private async Task<Refusal?> DecideAsync(Words words, CancellationToken stop)
    {
        if (!options.EnforceSelfAuthorization) return null;
        var boot = await self.ReadAsync(stop);
        if (boot.IsRefused) return boot.Refusal.Within(words.NoIdentity);

        var decision = await authority.DecideAsync(BootRole.Kms, boot.Value, stop);
        if (decision.IsRefused) return decision.Refusal.Within(words.NoDecision);
        return decision.Value.IsAllowed
            ? null
            : new Refusal(AuthorizationRefusals.SelfDenied, $"{words.Denied}: {decision.Value.Reason}");
    }

    private static readonly Words RuntimeWords = new(
        "Failed to load cached self boot info", "Failed to call self KMS auth check", "KMS is not allowed");

    private static readonly Words BootstrapWords = new(
        "failed to build local KMS boot info", "failed to call KMS auth check", "boot denied");

    /// <summary>How operators know each way to fail.</summary>
    private sealed record Words(string NoIdentity, string NoDecision, string Denied);
}
