using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace Broker.TestSupport;

/// <summary>
/// A witness, or a log, that signs with ML-DSA-44 (C2SP tlog-cosignature). It lays out the signed message by itself:
/// nothing of the product's code says here what is right.
/// </summary>
public sealed class MLDsaCosigner
{
    private readonly MLDsaPrivateKeyParameters _key;
    private readonly byte[] _publicKey;

    public MLDsaCosigner(string name)
    {
        Name = name;
        var generator = new MLDsaKeyPairGenerator();
        generator.Init(new MLDsaKeyGenerationParameters(new SecureRandom(), MLDsaParameters.ml_dsa_44));
        _key = (MLDsaPrivateKeyParameters)generator.GenerateKeyPair().Private;
        _publicKey = _key.GetPublicKeyEncoded();
    }

    public string Name { get; }

    public string Vkey => VkeyOf(Name);

    /// <summary>The same public key under another name.</summary>
    public string VkeyOf(string name) =>
        $"{name}+{Convert.ToHexStringLower(IdOf(name))}+{Convert.ToBase64String([0x06, .. _publicKey])}";

    /// <summary>The signature line under a checkpoint; a time of zero says nothing about the newest tree.</summary>
    /// <param name="signedName">The name in the signed message, where it is not the line's.</param>
    public string Cosign(string checkpointText, long time, string? signedName = null)
    {
        var lines = checkpointText.Split('\n');
        var message = new MemoryStream();
        message.Write("subtree/v1\n\0"u8);
        WriteShort(message, signedName ?? Name);
        WriteNumber(message, time);
        WriteShort(message, lines[0]);
        WriteNumber(message, 0);
        WriteNumber(message, long.Parse(lines[1], System.Globalization.CultureInfo.InvariantCulture));
        message.Write(Convert.FromBase64String(lines[2]));

        var signer = new MLDsaSigner(MLDsaParameters.ml_dsa_44, deterministic: false);
        signer.Init(forSigning: true, _key);
        signer.BlockUpdate(message.ToArray());
        var signed = new MemoryStream();
        signed.Write(IdOf(Name));
        WriteNumber(signed, time);
        signed.Write(signer.GenerateSignature());
        return $"\u2014 {Name} {Convert.ToBase64String(signed.ToArray())}\n";
    }

    private byte[] IdOf(string name) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes(name + "\n"), 0x06, .. _publicKey])[..4];

    private static void WriteShort(MemoryStream message, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        message.WriteByte(checked((byte)bytes.Length));
        message.Write(bytes);
    }

    private static void WriteNumber(MemoryStream message, long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        message.Write(bytes);
    }
}
