using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Broker.OAuth.Protocol;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Broker.OAuth.Clients;

/// <summary>
/// OpenIddict's view of the clients. They come from the operator's file and from clients' own documents: whatever would
/// change one fails.
/// </summary>
internal sealed class ClientStore(OAuthClients clients) : IOpenIddictApplicationStore<OAuthClient>
{
    public ValueTask<OAuthClient?> FindByIdAsync(string identifier, CancellationToken cancellationToken) =>
        clients.FindAsync(identifier);

    public ValueTask<OAuthClient?> FindByClientIdAsync(string identifier, CancellationToken cancellationToken) =>
        clients.FindAsync(identifier);

    public ValueTask<string?> GetIdAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new(application.ClientId);

    public ValueTask<string?> GetClientIdAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new(application.ClientId);

    public ValueTask<string?> GetClientTypeAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new(application.IsPublic ? ClientTypes.Public : ClientTypes.Confidential);

    public ValueTask<JsonWebKeySet?> GetJsonWebKeySetAsync(
        OAuthClient application, CancellationToken cancellationToken) => new(application.Keys);

    public ValueTask<ImmutableArray<string>> GetPermissionsAsync(
        OAuthClient application, CancellationToken cancellationToken) =>
        new([.. application.GrantTypes.Select(type => Permissions.Prefixes.GrantType + type)]);

    public ValueTask<string?> GetApplicationTypeAsync(OAuthClient application, CancellationToken cancellationToken) =>
        default;

    /// <summary>Secrets are compared by <see cref="ProveClient"/>.</summary>
    public ValueTask<string?> GetClientSecretAsync(OAuthClient application, CancellationToken cancellationToken) =>
        default;

    public ValueTask<string?> GetConsentTypeAsync(OAuthClient application, CancellationToken cancellationToken) =>
        default;

    public ValueTask<string?> GetDisplayNameAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new(application.Name);

    public ValueTask<ImmutableDictionary<CultureInfo, string>> GetDisplayNamesAsync(
        OAuthClient application, CancellationToken cancellationToken) =>
        new(ImmutableDictionary<CultureInfo, string>.Empty);

    public ValueTask<ImmutableArray<string>> GetPostLogoutRedirectUrisAsync(
        OAuthClient application, CancellationToken cancellationToken) => new([]);

    public ValueTask<ImmutableDictionary<string, JsonElement>> GetPropertiesAsync(
        OAuthClient application, CancellationToken cancellationToken) =>
        new(ImmutableDictionary<string, JsonElement>.Empty);

    public ValueTask<ImmutableArray<string>> GetRedirectUrisAsync(
        OAuthClient application, CancellationToken cancellationToken) => new([.. application.RedirectUris]);

    public ValueTask<ImmutableArray<string>> GetRequirementsAsync(
        OAuthClient application, CancellationToken cancellationToken) => new([]);

    public ValueTask<ImmutableDictionary<string, string>> GetSettingsAsync(
        OAuthClient application, CancellationToken cancellationToken) =>
        new(ImmutableDictionary<string, string>.Empty);

    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => new(clients.All.LongCount());

    public ValueTask<long> CountAsync<TResult>(
        Func<IQueryable<OAuthClient>, IQueryable<TResult>> query, CancellationToken cancellationToken) =>
        new(query(clients.All.AsQueryable()).LongCount());

    public ValueTask<TResult?> GetAsync<TState, TResult>(
        Func<IQueryable<OAuthClient>, TState, IQueryable<TResult>> query, TState state,
        CancellationToken cancellationToken) => new(query(clients.All.AsQueryable(), state).FirstOrDefault());

    public IAsyncEnumerable<OAuthClient> ListAsync(int? count, int? offset, CancellationToken cancellationToken) =>
        clients.All.Skip(offset ?? 0).Take(count ?? int.MaxValue).ToAsyncEnumerable();

    public IAsyncEnumerable<TResult> ListAsync<TState, TResult>(
        Func<IQueryable<OAuthClient>, TState, IQueryable<TResult>> query, TState state,
        CancellationToken cancellationToken) => query(clients.All.AsQueryable(), state).ToAsyncEnumerable();

    public IAsyncEnumerable<OAuthClient> FindByPostLogoutRedirectUriAsync(
        string uri, CancellationToken cancellationToken) => AsyncEnumerable.Empty<OAuthClient>();

    public IAsyncEnumerable<OAuthClient> FindByRedirectUriAsync(string uri, CancellationToken cancellationToken) =>
        clients.All.Where(client => client.RedirectUris.Contains(uri)).ToAsyncEnumerable();

    public ValueTask<OAuthClient> InstantiateAsync(CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask CreateAsync(OAuthClient application, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask DeleteAsync(OAuthClient application, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask UpdateAsync(OAuthClient application, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask SetApplicationTypeAsync(
        OAuthClient application, string? type, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask SetClientIdAsync(
        OAuthClient application, string? identifier, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask SetClientSecretAsync(
        OAuthClient application, string? secret, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask SetClientTypeAsync(
        OAuthClient application, string? type, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask SetConsentTypeAsync(
        OAuthClient application, string? type, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask SetDisplayNameAsync(
        OAuthClient application, string? name, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask SetDisplayNamesAsync(
        OAuthClient application, ImmutableDictionary<CultureInfo, string> names,
        CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask SetJsonWebKeySetAsync(
        OAuthClient application, JsonWebKeySet? set, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask SetPermissionsAsync(
        OAuthClient application, ImmutableArray<string> permissions, CancellationToken cancellationToken) =>
        throw ReadOnly();

    public ValueTask SetPostLogoutRedirectUrisAsync(
        OAuthClient application, ImmutableArray<string> uris, CancellationToken cancellationToken) =>
        throw ReadOnly();

    public ValueTask SetPropertiesAsync(
        OAuthClient application, ImmutableDictionary<string, JsonElement> properties,
        CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask SetRedirectUrisAsync(
        OAuthClient application, ImmutableArray<string> uris, CancellationToken cancellationToken) =>
        throw ReadOnly();

    public ValueTask SetRequirementsAsync(
        OAuthClient application, ImmutableArray<string> requirements, CancellationToken cancellationToken) =>
        throw ReadOnly();

    public ValueTask SetSettingsAsync(
        OAuthClient application, ImmutableDictionary<string, string> settings,
        CancellationToken cancellationToken) => throw ReadOnly();

    private static NotSupportedException ReadOnly() =>
        new("internal error: clients are made by BROKER_OAUTH_CLIENTS_FILE only");
}
