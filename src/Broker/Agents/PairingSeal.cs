using System.Security.Cryptography;
using System.Text;

namespace Broker.Agents;

/// <summary>
/// Seals request ids for the state database: with one, and the proof that its row shows, a device's session could be
/// fetched. AES-256-GCM under a key that the process derives; the row's own hash is bound in.
/// </summary>
internal sealed class PairingSeal(byte[] key)
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    public byte[] Seal(string requestId, string hash)
    {
        var text = Encoding.UTF8.GetBytes(requestId);
        var box = new byte[NonceLength + TagLength + text.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(
            box.AsSpan(0, NonceLength), text, box.AsSpan(NonceLength + TagLength), box.AsSpan(NonceLength, TagLength),
            Encoding.ASCII.GetBytes(hash));
        return box;
    }

    /// <summary>Null where it was sealed under another key, or is of another row.</summary>
    public string? Open(byte[] box, string hash)
    {
        if (box.Length < NonceLength + TagLength) return null;
        var text = new byte[box.Length - NonceLength - TagLength];
        using var cipher = new AesGcm(key, TagLength);
        try
        {
            cipher.Decrypt(
                box.AsSpan(0, NonceLength), box.AsSpan(NonceLength + TagLength), box.AsSpan(NonceLength, TagLength),
                text, Encoding.ASCII.GetBytes(hash));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return Encoding.UTF8.GetString(text);
    }
}
