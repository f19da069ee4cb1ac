using System.Collections.Concurrent;
using System.Xml;
using Amazon;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Broker.AwsAccount;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Tokens;
using Polly.Timeout;

namespace Broker.Aws;

/// <summary>
/// STS by the AWS SDK, over kept-alive connections, with a bounded number of calls at once; <see cref="StsRetries"/>
/// says what is asked again.
/// </summary>
internal sealed class AwsStsClient : IStsClient, IDisposable
{
    // One for each region that a role of the catalogue is in.
    private readonly ConcurrentDictionary<string, AmazonSecurityTokenServiceClient> _anonymous = new();
    private readonly ConcurrentDictionary<string, AmazonSecurityTokenServiceClient> _own = new();
    private readonly AwsOptions _aws;
    private readonly AwsAccountOptions _account;
    private readonly SemaphoreSlim _places;
    private readonly Polly.ResiliencePipeline _pipeline;
    private readonly bool _emitSourceIdentity;
    private readonly ILogger<AwsStsClient> _log;

    public AwsStsClient(
        AwsOptions aws, AwsAccountOptions account, TokenOptions tokens, TimeProvider time, ILogger<AwsStsClient> log)
    {
        (_aws, _account, _log) = (aws, account, log);
        _places = new SemaphoreSlim(aws.StsConcurrency);
        _emitSourceIdentity = tokens.EmitSourceIdentity;
        _pipeline = StsRetries.Pipeline(aws.StsTimeout, time);
    }

    public Task<Result<StsCredentials>> AssumeRoleWithWebIdentityAsync(
        StsSession session, WebIdentityToken token, CancellationToken stop) =>
        CallAsync(async attempt => (await Anonymous(session.Role.Region).AssumeRoleWithWebIdentityAsync(
            new AssumeRoleWithWebIdentityRequest
            {
                RoleArn = session.Role.Arn.Text,
                RoleSessionName = session.Name,
                WebIdentityToken = token.Text,
                DurationSeconds = (int)session.Mint.Lifetime.TotalSeconds,
                Policy = session.Policy,
            },
            attempt)).Credentials, Read, stop);

    public Task<Result<StsCredentials>> AssumeRoleAsync(StsSession session, CancellationToken stop) =>
        CallAsync(async attempt => (await Own(session.Role.Region).AssumeRoleAsync(
            new AssumeRoleRequest
            {
                RoleArn = session.Role.Arn.Text,
                RoleSessionName = session.Name,
                DurationSeconds = (int)session.Mint.Lifetime.TotalSeconds,
                Policy = session.Policy,
                Tags = [.. session.Mint.Tags.Select(tag => new Tag { Key = tag.Key, Value = tag.Value })],
                TransitiveTagKeys = [.. session.Mint.Tags.Select(tag => tag.Key)],
                SourceIdentity = _emitSourceIdentity ? session.Mint.Caller.WalletOrActor : null,
            },
            attempt)).Credentials, Read, stop);

    public async Task<Result<StsCredentials>> AssumeNextRoleAsync(
        StsSession session, StsCredentials first, CancellationToken stop)
    {
        // The SDK keeps the connections; the client is no more than these credentials.
        using var client = new AmazonSecurityTokenServiceClient(
            new SessionAWSCredentials(first.AccessKeyId, first.SecretAccessKey, first.SessionToken),
            Configure(session.Role.Region));
        return await CallAsync(async attempt => (await client.AssumeRoleAsync(
            new AssumeRoleRequest
            {
                RoleArn = session.Role.Arn.Text,
                RoleSessionName = session.Name,
                DurationSeconds = (int)session.Mint.Lifetime.TotalSeconds,
                Policy = session.Policy,
            },
            attempt)).Credentials, Read, stop);
    }

    public Task<Result<string>> CallerIdentityAsync(CancellationToken stop) =>
        CallAsync<GetCallerIdentityResponse, string>(
            async attempt => await Own(null).GetCallerIdentityAsync(new GetCallerIdentityRequest(), attempt),
            answer => answer.Arn is { Length: > 0 } arn ? arn : Failed("STS named no caller"), stop);

    public void Dispose()
    {
        foreach (var client in _anonymous.Values.Concat(_own.Values)) client.Dispose();
        _places.Dispose();
    }

    private AmazonSecurityTokenServiceClient Anonymous(string? region) => _anonymous.GetOrAdd(
        region ?? _account.Region,
        _ => new AmazonSecurityTokenServiceClient(new AnonymousAWSCredentials(), Configure(region)));

    private AmazonSecurityTokenServiceClient Own(string? region) => _own.GetOrAdd(
        region ?? _account.Region,
        _ => new AmazonSecurityTokenServiceClient(OwnCredentials.Of(_account.Keys), Configure(region)));

    private async Task<Result<TAnswer>> CallAsync<TResponse, TAnswer>(
        Func<CancellationToken, Task<TResponse>> call, Func<TResponse, Result<TAnswer>> read, CancellationToken stop)
        where TAnswer : notnull
    {
        try
        {
            return read(await _pipeline.ExecuteAsync(async attempt =>
            {
                await _places.WaitAsync(attempt);
                try
                {
                    return await call(attempt);
                }
                finally
                {
                    _places.Release();
                }
            }, stop));
        }
        catch (Exception late) when (late is TimeoutRejectedException or TimeoutException
            || (late is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return Failed("STS did not answer in time");
        }
        catch (AmazonServiceException refused)
        {
            // The code is a word of AWS's own; the message may quote the token or the request, so it stays here.
            var code = AwsErrorCode.Of(refused.ErrorCode);
            AwsLog.Refused(_log, code, ForeignText.Excerpt(refused.Message ?? ""));
            return Failed($"assume_role: {code}: {StsErrorCode.Meaning(code)}");
        }
        catch (Exception lost) when (lost is AmazonClientException or HttpRequestException or IOException)
        {
            AwsLog.Unreachable(_log, lost);
            return Failed("STS could not be reached");
        }
        catch (Exception garbage) when (garbage is XmlException or FormatException)
        {
            // The SDK lets its readers' exceptions through; their texts quote the answer, so they are left out.
            return Failed("STS gave an answer that cannot be read");
        }
    }

    private static Result<StsCredentials> Read(Credentials? given) =>
        given is
        {
            AccessKeyId.Length: > 0, SecretAccessKey.Length: > 0, SessionToken.Length: > 0, Expiration: { } until,
        }
            ? new StsCredentials(given.AccessKeyId, given.SecretAccessKey, given.SessionToken, until.ToUniversalTime())
            : Failed("STS returned no credentials");

    /// <param name="region">The broker's own where it is null.</param>
    private AmazonSecurityTokenServiceConfig Configure(string? region)
    {
        region ??= _account.Region;
        var config = new AmazonSecurityTokenServiceConfig
        {
            MaxErrorRetry = 0, // the pipeline above retries, and knows what may be
            Timeout = _aws.StsTimeout + TimeSpan.FromSeconds(5), // the pipeline's is the one that counts
            AuthenticationRegion = region,
        };
        if (_aws.StsEndpoint is { } endpoint) config.ServiceURL = endpoint.AbsoluteUri;
        else config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        return config;
    }

    private static Refusal Failed(string why) =>
        new(AwsRefusals.StsFailed, why);
}
