using System.Buffers.Text;
using System.Security.Cryptography;
using Broker.Cryptography;

namespace Broker.SignIn.Email;

/// <summary>
/// What a link carries: 32 random bytes as base64url without padding (contract §7.3). Only its SHA-256 is kept. It
/// travels in the fragment of the address, which browsers send to nobody.
/// </summary>
internal sealed record LinkToken
{
    private const int Bytes = 32;
    private const int Characters = 43;

    private LinkToken(string text) => Text = text;

    public string Text { get; }

    public Sha256Digest Hash => Sha256Digest.Of(Text);

    public static LinkToken New() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)));

    /// <summary>Null where it cannot be one of ours.</summary>
    public static LinkToken? Read(string text) =>
        text.Length == Characters && Base64Url.IsValid(text) ? new LinkToken(text) : null;

    /// <summary>It is a secret.</summary>
    public override string ToString() => "(link token)";
}
