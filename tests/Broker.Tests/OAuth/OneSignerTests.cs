using System.Security.Cryptography;
using Broker.OAuth.Grants;
using Broker.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers;

namespace Broker.Tests.OAuth;

/// <summary>A token comes to be in one place: OpenIddict has neither a generator nor a private key of its own.</summary>
public sealed class OneSignerTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    private readonly OpenIddictServerOptions _options =
        shared.App.Services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue;

    [Fact]
    public void What_generates_a_token_is_ours_and_nothing_else()
    {
        var generators = _options.Handlers.Where(handler => handler.ContextType == typeof(GenerateTokenContext))
            .Select(handler => handler.ServiceDescriptor.ServiceType);

        // The first and the last are for OpenIddict's own entries, which are turned off.
        generators.ShouldBe(
            [
                typeof(Protection.CreateTokenEntry), typeof(IssueOnRecord), typeof(Protection.AttachTokenPayload),
            ],
            ignoreOrder: true);
        _options.DisableTokenStorage.ShouldBeTrue();
    }

    [Fact]
    public void OpenIddict_holds_no_private_key()
    {
        _options.EncryptionCredentials.ShouldBeEmpty();
        foreach (var credentials in _options.SigningCredentials)
        {
            var key = credentials.Key.ShouldBeOfType<ECDsaSecurityKey>().ECDsa;
            Should.Throw<CryptographicException>(() => key.ExportParameters(includePrivateParameters: true));
        }
    }
}
