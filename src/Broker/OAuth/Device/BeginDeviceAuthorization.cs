using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Issuer;
using Broker.Ledger.Refusals;
using Broker.LedgerHosting;
using Broker.OAuth.Delegations;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.Device;

/// <summary>
/// <c>POST /oauth/device_authorization</c> (RFC 8628 §3.1): a code for the device and one for the person. Nobody is
/// asked yet, and nothing is on record.
/// </summary>
internal sealed class BeginDeviceAuthorization(
    IDeviceStore devices, DiskReserve disk, IssuerOptions issuer, TimeProvider time)
    : IOpenIddictServerHandler<HandleDeviceAuthorizationRequestContext>
{
    private const int PerClientAndMinute = 60;

    private readonly RateWindows _windows = new(time, RateWindows.Minute);

    public ValueTask HandleAsync(HandleDeviceAuthorizationRequestContext context)
    {
        var call = OAuthCall.Of(context.Transaction);
        var begun = Begin(call, context.Request);
        if (begun.Refusal is { } refusal)
        {
            call.Refuse(context, refusal);
            return ValueTask.CompletedTask;
        }

        context.Transaction.Response = begun.Value;
        context.HandleRequest();
        return ValueTask.CompletedTask;
    }

    private Result<OpenIddictResponse> Begin(OAuthCall call, OpenIddictRequest request)
    {
        // OpenIddict has looked at the client and its grant.
        var client = call.Client!;
        var scope = GrantedScope.Of(request, client);
        if (scope.Refusal is { } unknown) return unknown;
        var resource = Resources.Of([.. request.GetResources()], issuer.Issuer);
        if (resource.Refusal is { } wrong) return wrong;
        if (_windows.Take(ClientAddress.Of(call.Http), PerClientAndMinute) is { } wait)
        {
            return new Refusal(DeviceRefusals.RateLimited, "too many device codes for this client")
            {
                RetryAfter = wait,
            };
        }

        if (disk.IsReached) return LedgerRefusals.DiskIsNearlyFull();

        var (device, user) = (OpaqueToken.New(), UserCode.New());
        devices.Add(new DeviceAuthorization(
            Sha256Digest.Of(device), Sha256Digest.Of(user),
            new SessionTerms(client.ClientId, scope.Value, resource.Value.Name),
            time.GetUtcNow() + DeviceAuthorization.Lifetime));
        return new OpenIddictResponse
        {
            DeviceCode = device,
            UserCode = user,
            ["verification_uri"] = issuer.Issuer + DevicePage.Path,
            ["verification_uri_complete"] = $"{issuer.Issuer}{DevicePage.Path}?user_code={user}",
            ExpiresIn = (long)DeviceAuthorization.Lifetime.TotalSeconds,
            ["interval"] = DeviceAuthorization.IntervalSeconds,
        };
    }
}
