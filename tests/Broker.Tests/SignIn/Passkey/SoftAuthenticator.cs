using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Broker.Tests.SignIn.Passkey;

/// <summary>
/// An authenticator with one ES256 credential, and the page that talks to it (WebAuthn level 3: §5.8.1 client data,
/// §6.1 authenticator data, §6.5.1 attested credential data, §8.7 no attestation). Each part can be made wrong.
/// </summary>
internal sealed class SoftAuthenticator : IDisposable
{
    private const byte UserPresent = 0x01;
    private const byte UserVerified = 0x04;
    private const byte AttestedCredentialData = 0x40;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(32);

    public string CredentialId => Base64Url.EncodeToString(_id);

    public string RelyingParty { get; init; } = "broker.example.test";

    public string Origin { get; init; } = "https://broker.example.test";

    public bool Verifies { get; set; } = true;

    public uint Counter { get; set; } = 1;

    /// <summary>As the creation options named it.</summary>
    public string? UserHandle { get; set; }

    /// <summary>The body's <c>attestation</c> for this challenge.</summary>
    public object Attest(string challenge)
    {
        var cbor = new CborWriter();
        cbor.WriteStartMap(3);
        cbor.WriteTextString("fmt");
        cbor.WriteTextString("none");
        cbor.WriteTextString("attStmt");
        cbor.WriteStartMap(0);
        cbor.WriteEndMap();
        cbor.WriteTextString("authData");
        cbor.WriteByteString([.. Data(AttestedCredentialData), .. new byte[16], 0, (byte)_id.Length, .. _id, .. Key()]);
        cbor.WriteEndMap();
        return new
        {
            credential_id = CredentialId,
            attestation_object = Base64Url.EncodeToString(cbor.Encode()),
            client_data_json = Base64Url.EncodeToString(ClientData("webauthn.create", challenge)),
        };
    }

    /// <summary>The body's <c>assertion</c> for this challenge.</summary>
    public object Assert(string challenge)
    {
        var data = Data(0);
        var client = ClientData("webauthn.get", challenge);
        var signature = _key.SignData(
            [.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new
        {
            credential_id = CredentialId,
            authenticator_data = Base64Url.EncodeToString(data),
            client_data_json = Base64Url.EncodeToString(client),
            signature = Base64Url.EncodeToString(signature),
            user_handle = UserHandle,
        };
    }

    public void Dispose() => _key.Dispose();

    private byte[] Data(byte flags)
    {
        var data = new byte[37];
        SHA256.HashData(Encoding.UTF8.GetBytes(RelyingParty), data);
        data[32] = (byte)(flags | UserPresent | (Verifies ? UserVerified : 0));
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(33), Counter);
        return data;
    }

    private byte[] ClientData(string type, string challenge) =>
        JsonSerializer.SerializeToUtf8Bytes(new { type, challenge, origin = Origin, crossOrigin = false });

    // COSE_Key of an ES256 key (RFC 9053 §7.1): kty 2, alg -7, crv 1, x, y.
    private byte[] Key()
    {
        var point = _key.ExportParameters(false).Q;
        var cbor = new CborWriter(CborConformanceMode.Ctap2Canonical);
        cbor.WriteStartMap(5);
        cbor.WriteInt32(1);
        cbor.WriteInt32(2);
        cbor.WriteInt32(3);
        cbor.WriteInt32(-7);
        cbor.WriteInt32(-1);
        cbor.WriteInt32(1);
        cbor.WriteInt32(-2);
        cbor.WriteByteString(point.X!);
        cbor.WriteInt32(-3);
        cbor.WriteByteString(point.Y!);
        cbor.WriteEndMap();
        return cbor.Encode();
    }
}
