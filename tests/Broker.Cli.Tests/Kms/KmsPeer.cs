using System.Text;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Broker.Cli.Tests.Kms;

/// <summary>A server that gives a KMS's answers, method by method, and remembers what it was asked.</summary>
internal sealed class KmsPeer : IDisposable
{
    private const int Unknown = 2;

    private readonly WireMockServer _server = CannedServer.Start();
    private readonly Dictionary<string, Guid> _answers = [];

    public KmsPeer()
    {
        _server.Given(Request.Create()).AtPriority(Unknown).RespondWith(Versioned(400).WithBody(
            request => $"{{\"error\":\"Service not found: {Path.GetFileName(request.Path)}\"}}"));
        Answer("finish", 200, "OK");
    }

    public string Url => _server.Url!;

    /// <summary>Path and body of each request, in their order.</summary>
    public IReadOnlyList<string> Asked =>
        [.. _server.LogEntries.Select(entry => $"{entry.RequestMessage!.Path} {entry.RequestMessage.Body}")];

    /// <summary>Gives this answer to a method from now on.</summary>
    public void Answer(
        string method, int status, string body, string? contentType = null, Encoding? encoding = null)
    {
        Forget(method);
        _answers[method] = Guid.NewGuid();
        var answer = Versioned(status).WithBody((encoding ?? Encoding.UTF8).GetBytes(body));
        if (contentType is not null) answer = answer.WithHeader("Content-Type", contentType);
        _server.Given(Request.Create().WithPath($"/{method}", $"/prpc/{method}")).AtPriority(1).WithGuid(_answers[method])
            .RespondWith(answer);
    }

    /// <summary>The method is unknown from now on.</summary>
    public void Forget(string method)
    {
        if (_answers.Remove(method, out var known)) _server.DeleteMapping(known);
    }

    public void Dispose() => _server.Dispose();

    private static IResponseBuilder Versioned(int status) => Response.Create().WithStatusCode(status)
        .WithHeader("X-App-Version", "v9.9.9 (git:0123456789abcdef0123)");
}
