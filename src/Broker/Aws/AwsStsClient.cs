using System.Xml;
using Amazon;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Broker.Configuration;
using Broker.Foundation;
using Broker.Http;
using Broker.Tokens;
using Polly.Timeout;

namespace Broker.Aws;

/// <summary>
/// STS by the AWS SDK, over kept-alive connections, with a bounded number of calls at once; <see cref="StsRetries"/>
/// says what is asked again.
/// </summary>
internal sealed class AwsStsClient : IStsClient, IDisposable
{
    private readonly AmazonSecurityTokenServiceClient _anonymous;
    private readonly Lazy<AmazonSecurityTokenServiceClient> _own;
    private readonly SemaphoreSlim _places;
    private readonly Polly.ResiliencePipeline _pipeline;
    private readonly bool _emitSourceIdentity;
    private readonly ILogger<AwsStsClient> _log;

    public AwsStsClient(BrokerOptions options, TimeProvider time, ILogger<AwsStsClient> log)
    {
        _log = log;
        var aws = options.Aws;
        _anonymous = new AmazonSecurityTokenServiceClient(new AnonymousAWSCredentials(), Configure(aws));
        _own = new(() => new AmazonSecurityTokenServiceClient(OwnCredentials.Of(aws.Keys), Configure(aws)));
        _places = new SemaphoreSlim(aws.StsConcurrency);
        _emitSourceIdentity = options.Issuer.EmitSourceIdentity;
        _pipeline = StsRetries.Pipeline(aws.StsTimeout, time);
    }

    public Task<Outcome<StsCredentials>> AssumeRoleWithWebIdentityAsync(
        StsSession session, WebIdentityToken token, CancellationToken stop) =>
        CallAsync(async attempt => (await _anonymous.AssumeRoleWithWebIdentityAsync(
            new AssumeRoleWithWebIdentityRequest
            {
                RoleArn = session.Role.Arn.Text,
                RoleSessionName = session.Name,
                WebIdentityToken = token.Text,
                DurationSeconds = (int)session.Mint.Lifetime.TotalSeconds,
                Policy = session.Policy,
            },
            attempt)).Credentials, Read, stop);

    public Task<Outcome<StsCredentials>> AssumeRoleAsync(StsSession session, CancellationToken stop) =>
        CallAsync(async attempt => (await _own.Value.AssumeRoleAsync(
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

    public Task<Outcome<string>> CallerIdentityAsync(CancellationToken stop) =>
        CallAsync<GetCallerIdentityResponse, string>(
            async attempt => await _own.Value.GetCallerIdentityAsync(new GetCallerIdentityRequest(), attempt),
            answer => answer.Arn is { Length: > 0 } arn ? arn : Failed("STS named no caller"), stop);

    public void Dispose()
    {
        _anonymous.Dispose();
        if (_own.IsValueCreated) _own.Value.Dispose();
        _places.Dispose();
    }

    private async Task<Outcome<TAnswer>> CallAsync<TResponse, TAnswer>(
        Func<CancellationToken, Task<TResponse>> call, Func<TResponse, Outcome<TAnswer>> read, CancellationToken stop)
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
            var code = StsErrorCode.Of(refused.ErrorCode);
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

    private static Outcome<StsCredentials> Read(Credentials? given) =>
        given is
        {
            AccessKeyId.Length: > 0, SecretAccessKey.Length: > 0, SessionToken.Length: > 0, Expiration: { } until,
        }
            ? new StsCredentials(given.AccessKeyId, given.SecretAccessKey, given.SessionToken, until.ToUniversalTime())
            : Failed("STS returned no credentials");

    private static AmazonSecurityTokenServiceConfig Configure(AwsOptions aws)
    {
        var config = new AmazonSecurityTokenServiceConfig
        {
            MaxErrorRetry = 0, // the pipeline above retries, and knows what may be
            Timeout = aws.StsTimeout + TimeSpan.FromSeconds(5), // the pipeline's is the one that counts
            AuthenticationRegion = aws.Region,
        };
        if (aws.StsEndpoint is { } endpoint) config.ServiceURL = endpoint.AbsoluteUri;
        else config.RegionEndpoint = RegionEndpoint.GetBySystemName(aws.Region);
        return config;
    }

    private static Refusal Failed(string why) =>
        new(RefusalCode.StsFailed, why);
}
