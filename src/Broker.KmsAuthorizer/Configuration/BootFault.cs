using System.Net;
using Broker.Foundation;

namespace Broker.KmsAuthorizer.Configuration;

/// <summary>
/// Why the start stopped: one line that names the variable, its value unless secret, and what is accepted.
/// </summary>
internal sealed record BootFault(string Variable, string? Value, string Reason)
{
    public static BootFault CannotListen(IPEndPoint endpoint, string reason) =>
        new(Variables.Port.Name, endpoint.ToString(), reason);

    /// <summary>The value without what could be a secret in an address, and all on one line.</summary>
    private string Shown => string.Concat((Value ?? "").Contains("://", StringComparison.Ordinal)
        ? ForeignText.WithoutSecrets(Value!)
        : Value).ReplaceLineEndings(" ");

    public override string ToString() =>
        $"BOOT_FAIL: {Variable}=\"{Shown}\": {Reason}; see README#kms-authorizer";
}
