using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.ResponseProviders;
using WireMock.Server;

namespace Broker.Tests.Hosting;

/// <summary>The legacy backend of contract §9: knows opaque bearers, and can fail in each way that §9 lists.</summary>
public sealed class LegacyBackendPeer : IDisposable
{
    private const int Admitted = 2, Unknown = 3;

    private readonly WireMockServer _server = CannedServer.Start();

    public LegacyBackendPeer()
    {
        _server.Given(Question()).AtPriority(Unknown).RespondWith(
            Json(401, """{"error":"unauthorized","message":"session expired or revoked"}"""));
        _server.Given(Health()).AtPriority(Unknown).RespondWith(Response.Create().WithBody("ok"));
    }

    public string Url => _server.Url!;

    public int Validations => _server.FindLogEntries(Question()).Count;

    /// <summary>A bearer that this backend vouches for.</summary>
    public string Admit(string wallet)
    {
        var bearer = Guid.NewGuid().ToString("n") + Guid.NewGuid().ToString("n");
        _server.Given(Question().WithHeader("Authorization", $"Bearer {bearer}")).AtPriority(Admitted).RespondWith(
            Json(200, $$"""{"wallet":"{{wallet}}","scope":null,"created_at":1}"""));
        return bearer;
    }

    /// <summary>From now on every question is answered so.</summary>
    public void Say(int status, string body) => AlwaysAnswer(Json(status, body));

    /// <summary>From now on every question is sent on to another server.</summary>
    public void RedirectTo(string elsewhere) =>
        AlwaysAnswer(Response.Create().WithStatusCode(302).WithHeader("Location", $"{elsewhere}/session/validate"));

    /// <summary>From now on no question is answered in time.</summary>
    public void FallSilent() => AlwaysAnswer(Json(200, "{}").WithDelay(TimeSpan.FromSeconds(10)));

    public void FallIll() => _server.Given(Health()).RespondWith(Response.Create().WithStatusCode(503));

    public void Dispose() => _server.Dispose();

    private void AlwaysAnswer(IResponseProvider answer) => _server.Given(Question()).AtPriority(1).RespondWith(answer);

    private static IRequestBuilder Question() => Request.Create().WithPath("/session/validate").UsingGet();

    private static IRequestBuilder Health() => Request.Create().WithPath("/healthz").UsingGet();

    private static IResponseBuilder Json(int status, string body) =>
        Response.Create().WithStatusCode(status).WithHeader("Content-Type", "application/json").WithBody(body);
}
