using System.Net;
using Broker.Attestation.Collateral;
using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.Verification;
using Broker.Foundation;

namespace Broker.Attestation.SevSnp.Collateral;

/// <summary>
/// AMD's key service over HTTP. Answers are bounded in size and time, and redirects are not followed. After a 429 the
/// service is left alone for as long as it says, within a minute; until then every question fails at once.
/// </summary>
/// <param name="client">Made by <see cref="CreateClient"/>.</param>
public sealed class KdsOrigin(HttpClient client, KdsOptions options, TimeProvider time) : IVcekOrigin
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private long _quietUntil = DateTimeOffset.MinValue.UtcTicks;

    /// <summary>A client as this origin needs it: bounded answers, no redirects, no cookies.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        MaxResponseContentBufferSize = SnpRevocationList.MaxLength,
        Timeout = Timeout.InfiniteTimeSpan, // each request has its own
    };

    public Task<byte[]> FetchLeafAsync(VcekKey key, CancellationToken stop) => FetchAsync(key.Path, stop);

    /// <summary>The service gives the ASK and then the ARK, of which only the first is looked at.</summary>
    public async Task<byte[]> FetchIntermediateAsync(ProcessorFamily family, CancellationToken stop)
    {
        var chain = PemChain.Read(await FetchAsync($"{family}/cert_chain", stop));
        return chain.IsEmpty ? throw Unusable("no PEM certificates in the chain") : chain[0].ToArray();
    }

    public Task<byte[]> FetchRevocationListAsync(ProcessorFamily family, CancellationToken stop)
        => FetchAsync($"{family}/crl", stop);

    private async Task<byte[]> FetchAsync(string path, CancellationToken stop)
    {
        if (time.GetUtcNow().UtcTicks < Volatile.Read(ref _quietUntil)) throw Unusable("asks to be left alone (429)");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(options.Timeout);
        try
        {
            var address = new Uri(new Uri(options.Address.AbsoluteUri.TrimEnd('/') + "/"), path);
            using var response = await client.GetAsync(
                address, HttpCompletionOption.ResponseContentRead, deadline.Token);
            if (response.StatusCode == HttpStatusCode.TooManyRequests) KeepQuiet(response);
            return response.StatusCode == HttpStatusCode.OK
                ? await response.Content.ReadAsByteArrayAsync(deadline.Token)
                : throw Unusable($"answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException fault)
        {
            throw Unusable(HttpFault.Describe(fault), fault);
        }
        catch (OperationCanceledException fault) when (!stop.IsCancellationRequested)
        {
            throw Unusable($"no answer within {options.Timeout}", fault);
        }
    }

    private void KeepQuiet(HttpResponseMessage response)
    {
        var now = time.GetUtcNow();
        var wanted = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => UsualPause,
        };
        var pause = wanted < ShortestPause ? ShortestPause : wanted > LongestPause ? LongestPause : wanted;
        Volatile.Write(ref _quietUntil, (now + pause).UtcTicks);
    }

    /// <summary>Paths hold a chip's id, which names a machine, so only the service is named.</summary>
    private CollateralUnavailableException Unusable(string why, Exception? cause = null)
    {
        var text = $"{ForeignText.Address(options.Address)}: {why}";
        return cause is null
            ? new CollateralUnavailableException(text)
            : new CollateralUnavailableException(text, cause);
    }
}
