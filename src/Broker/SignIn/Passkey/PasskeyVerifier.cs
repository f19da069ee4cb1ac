using System.Buffers.Text;
using System.Security.Cryptography;
using Broker.Foundation.Results;
using Fido2NetLib;
using Fido2NetLib.Exceptions;
using Fido2NetLib.Objects;

namespace Broker.SignIn.Passkey;

/// <summary>What an authenticator answered to a sign-in, decoded (WebAuthn §5.2.2).</summary>
internal sealed record Assertion(
    string CredentialId, byte[] AuthenticatorData, byte[] ClientDataJson, byte[] Signature, byte[]? UserHandle);

/// <summary>What an authenticator answered to a registration, decoded (WebAuthn §5.2.1).</summary>
internal sealed record Attestation(string CredentialId, byte[] AttestationObject, byte[] ClientDataJson);

/// <summary>
/// WebAuthn's checks, by the Fido2 library: origin, RP ID, challenge, presence and verification of the user, signature,
/// counter. What the library is given was bounded before.
/// </summary>
internal sealed class PasskeyVerifier(PasskeyOptions options)
{
    /// <summary>Bytes of a challenge.</summary>
    public const int ChallengeLength = 32;

    // None of what authenticators say about their make is asked for, so no metadata is needed.
    private readonly Fido2 _fido = new(
        new Fido2Configuration
        {
            RPID = options.RelyingParty,
            RPName = "AgentKeys",
            Origins = options.Origins,
            ChallengeSize = ChallengeLength,
            Timeout = (uint)Ceremony.Lifetime.TotalMilliseconds,
        },
        metadataService: null);

    /// <summary>
    /// What a page gives to <c>navigator.credentials.create</c>: a discoverable credential, with verification of the
    /// user (a finger, a face or a PIN), and no attestation.
    /// </summary>
    public CredentialCreateOptions NewRegistration(byte[] userHandle, string account, IEnumerable<Passkey> known) =>
        _fido.RequestNewCredential(new RequestNewCredentialParams
        {
            User = new Fido2User { Id = userHandle, Name = account, DisplayName = account },
            ExcludeCredentials =
            [
                .. known.Select(one => new PublicKeyCredentialDescriptor(Base64Url.DecodeFromChars(one.CredentialId))),
            ],
            AuthenticatorSelection = new AuthenticatorSelection
            {
                ResidentKey = ResidentKeyRequirement.Required,
                UserVerification = UserVerificationRequirement.Required,
            },
            AttestationPreference = AttestationConveyancePreference.None,
            PubKeyCredParams = [PubKeyCredParam.Ed25519, PubKeyCredParam.ES256, PubKeyCredParam.RS256],
        });

    /// <summary>
    /// What a page gives to <c>navigator.credentials.get</c>. It names no credentials: which ones an account has is
    /// nobody's business, and discoverable ones need no naming.
    /// </summary>
    public AssertionOptions NewSignIn() => _fido.GetAssertionOptions(new GetAssertionOptionsParams
    {
        UserVerification = UserVerificationRequirement.Required,
    });

    /// <summary>The new credential.</summary>
    /// <param name="challenge">The one that was taken.</param>
    public async Task<Result<RegisteredPublicKeyCredential>> CheckAsync(
        Attestation attestation, byte[] challenge, byte[] userHandle, CancellationToken stop)
    {
        var asked = NewRegistration(userHandle, "", []);
        asked.Challenge = challenge;
        try
        {
            return await _fido.MakeNewCredentialAsync(
                new MakeNewCredentialParams
                {
                    AttestationResponse = new AuthenticatorAttestationRawResponse
                    {
                        Id = attestation.CredentialId,
                        RawId = Base64Url.DecodeFromChars(attestation.CredentialId),
                        Type = PublicKeyCredentialType.PublicKey,
                        Response = new AuthenticatorAttestationRawResponse.AttestationResponse
                        {
                            AttestationObject = attestation.AttestationObject,
                            ClientDataJson = attestation.ClientDataJson,
                        },
                    },
                    OriginalOptions = asked,

                    // Asked where the credential is stored.
                    IsCredentialIdUniqueToUserCallback = (_, _) => Task.FromResult(true),
                },
                stop);
        }
        catch (Exception wrong) when (wrong is not OperationCanceledException)
        {
            return new Refusal(PasskeyRefusals.InvalidRegistration, Explain(wrong));
        }
    }

    /// <summary>The passkey's new counter.</summary>
    /// <param name="challenge">The one that was taken.</param>
    public async Task<Result<uint>> CheckAsync(
        Assertion assertion, byte[] challenge, Passkey passkey, CancellationToken stop)
    {
        var asked = NewSignIn();
        asked.Challenge = challenge;
        try
        {
            var verified = await _fido.MakeAssertionAsync(
                new MakeAssertionParams
                {
                    AssertionResponse = new AuthenticatorAssertionRawResponse
                    {
                        Id = assertion.CredentialId,
                        RawId = Base64Url.DecodeFromChars(assertion.CredentialId),
                        Type = PublicKeyCredentialType.PublicKey,
                        Response = new AuthenticatorAssertionRawResponse.AssertionResponse
                        {
                            AuthenticatorData = assertion.AuthenticatorData,
                            ClientDataJson = assertion.ClientDataJson,
                            Signature = assertion.Signature,
                            UserHandle = assertion.UserHandle,
                        },
                    },
                    OriginalOptions = asked,
                    StoredPublicKey = passkey.PublicKey,
                    StoredSignatureCounter = passkey.Counter,
                    IsUserHandleOwnerOfCredentialIdCallback = (handle, _) => Task.FromResult(
                        CryptographicOperations.FixedTimeEquals(handle.UserHandle, passkey.UserHandle)),
                },
                stop);
            return verified.SignCount;
        }
        catch (Fido2VerificationException wrong) when (wrong.Code == Fido2ErrorCode.InvalidSignCount)
        {
            return new Refusal(PasskeyRefusals.CounterWentBack, "the passkey's counter did not grow: it may be a copy");
        }
        catch (Exception wrong) when (wrong is not OperationCanceledException)
        {
            return new Refusal(PasskeyRefusals.InvalidAssertion, Explain(wrong));
        }
    }

    // The library reads foreign CBOR and JSON, and throws many kinds of exception where they are wrong. Only its own
    // words are fit for an answer.
    private static string Explain(Exception wrong) => wrong is Fido2VerificationException known
        ? $"the authenticator's answer does not hold: {known.Message}"
        : "the authenticator's answer cannot be read";
}
