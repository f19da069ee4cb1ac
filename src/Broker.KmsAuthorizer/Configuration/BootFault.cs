namespace Broker.KmsAuthorizer.Configuration;

/// <summary>
/// Why the start stopped: one line that names the variable, its value unless secret, and what is accepted.
/// </summary>
internal sealed record BootFault(string Variable, string? Value, string Reason)
{
    public static BootFault CannotListen(AuthorizerSettings settings, string reason) =>
        new(Variables.Port.Name, $"{settings.Bind}:{settings.Port}", reason);

    public override string ToString() =>
        $"BOOT_FAIL: {Variable}=\"{Value}\": {Reason}; see README#kms-authorizer";
}
