using Broker.Cli.Client;
using Broker.Cli.Terminal;
using QRCoder;

namespace Broker.Cli.SignIn;

/// <summary>
/// Sign-in by device authorization (RFC 8628): a person types a short code on a page, anywhere, and lets this machine
/// in. Where both codes go is told by the broker's discovery document.
/// </summary>
internal static class DeviceSignIn
{
    /// <summary>Known to every broker; it is public, and may have no more than a device code.</summary>
    public const string ClientId = "brokerctl";

    private const string Grant = "urn:ietf:params:oauth:grant-type:device_code";

    /// <summary>RFC 8628 §3.5: <c>slow_down</c> adds this to the interval, for good.</summary>
    private static readonly TimeSpan SlowerBy = TimeSpan.FromSeconds(5);

    /// <param name="withPicture">Whether the page's address is shown as a QR code too.</param>
    /// <param name="tell">Told what the person is to do.</param>
    /// <exception cref="CommandFailedException">The person said no, or nothing in time.</exception>
    public static async Task<AccessToken> RunAsync(
        BrokerConnection broker, string clientId, bool withPicture, TextWriter tell, CancellationToken stop)
    {
        var known = await broker.GetAsync(
            ".well-known/openid-configuration", null, ClientJson.Default.Discovery, stop);
        if (known.DeviceAuthorizationEndpoint is not { } begin || known.TokenEndpoint is not { } ask)
            throw new CommandFailedException($"{broker.Address} offers no sign-in by device");
        var asked = await broker.PostFormAsync(
            broker.PathOf(begin), [new("client_id", clientId), new("scope", "openid")],
            ClientJson.Default.DeviceAuthorization, stop);
        await TellAsync(asked, withPicture, tell, stop);

        var until = DateTimeOffset.UtcNow.AddSeconds(asked.ExpiresIn);
        for (var interval = TimeSpan.FromSeconds(asked.Interval); DateTimeOffset.UtcNow < until;)
        {
            await Task.Delay(interval, stop);
            try
            {
                return await broker.PostFormAsync(
                    broker.PathOf(ask),
                    [new("grant_type", Grant), new("device_code", asked.DeviceCode), new("client_id", clientId)],
                    ClientJson.Default.AccessToken, stop);
            }
            catch (BrokerRefusedException notYet) when (notYet.Kind == "authorization_pending")
            {
                await tell.WriteAsync(".".AsMemory(), stop);
                await tell.FlushAsync(stop);
            }
            catch (BrokerRefusedException tooFast) when (tooFast.Kind == "slow_down")
            {
                interval += SlowerBy;
            }
            catch (BrokerRefusedException no) when (no.Kind == "access_denied")
            {
                throw new CommandFailedException("the person on the page said no", cause: no);
            }
        }

        throw new CommandFailedException("nobody has let this machine in in time; begin again");
    }

    private static async Task TellAsync(
        DeviceAuthorization asked, bool withPicture, TextWriter tell, CancellationToken stop)
    {
        await tell.WriteLineAsync($"Open {asked.VerificationUri} on any device, sign in, and enter the code");
        await tell.WriteLineAsync($"  Code: {asked.UserCode}");
        if (withPicture && asked.VerificationUriComplete is { } address)
        {
            using var code = QRCodeGenerator.GenerateQrCode(address, QRCodeGenerator.ECCLevel.L);
            using var picture = new AsciiQRCode(code);
            await tell.WriteLineAsync(picture.GetGraphicSmall());
        }

        await tell.WriteAsync($"Waiting for up to {asked.ExpiresIn / 60} minutes ");
        await tell.FlushAsync(stop);
    }
}
