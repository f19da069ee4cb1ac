using System.Buffers.Text;
using FluentValidation;

namespace Broker.SignIn.Passkey;

/// <summary>The rules of the members that browsers send: base64url without padding, bounded.</summary>
internal static class PasskeyFields
{
    /// <summary>The longest credential id, in bytes (WebAuthn §4, credential ID).</summary>
    public const int LongestCredentialId = 1023;

    public const int LongestAttestation = 64 * 1024;
    public const int LongestAuthenticatorData = 4096;
    public const int LongestSignature = 1024;
    public const int LongestUserHandle = 64;
    public const int LongestLabel = 64;

    /// <summary>1 to <paramref name="longest"/> bytes in base64url.</summary>
    public static IRuleBuilderOptions<T, string?> Base64UrlOf<T>(
        this IRuleBuilder<T, string?> rule, string name, int longest) => rule
        .Must(text => text is { Length: > 0 } && text.Length <= Base64Url.GetEncodedLength(longest)
            && !text.Contains('=') && Base64Url.IsValid(text))
        .WithName(name).WithMessage($"{name} must be 1 to {longest} bytes in base64url without padding");
}
