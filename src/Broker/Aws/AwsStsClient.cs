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
    private readonly AmazonSecurityTokenServiceClient _anonymous;
    private readonly Lazy<AmazonSecurityTokenServiceClient> _own;
    private readonly SemaphoreSlim _places;
    private readonly Polly.ResiliencePipeline _pipeline;
    private readonly bool _emitSourceIdentity;
    private readonly ILogger<AwsStsClient> _log;

    public AwsStsClient(
        AwsOptions aws, AwsAccountOptions account, TokenOptions tokens, TimeProvider time, ILogger<AwsStsClient> log)
    {
        _log = log;
        _anonymous = new AmazonSecurityTokenServiceClient(new AnonymousAWSCredentials(), Configure(aws, account.Region));
        _own = new(() => new AmazonSecurityTokenServiceClient(
            OwnCredentials.Of(account.Keys), Configure(aws, account.Region)));
        _places = new SemaphoreSlim(aws.StsConcurrency);
        _emitSourceIdentity = tokens.EmitSourceIdentity;
        _pipeline = StsRetries.Pipeline(aws.StsTimeout, time);
    }

    public Task<Result<StsCredentials>> AssumeRoleWithWebIdentityAsync(
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

    public Task<Result<StsCredentials>> AssumeRoleAsync(StsSession session, CancellationToken stop) =>
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

    public Task<Result<string>> CallerIdentityAsync(CancellationToken stop) =>
        CallAsync<GetCallerIdentityResponse, string>(
            async attempt => await _own.Value.GetCallerIdentityAsync(new GetCallerIdentityRequest(), attempt),
            answer => answer.Arn is { Length: > 0 } arn ? arn : Failed("STS named no caller"), stop);

    public void Dispose()
    {
        _anonymous.Dispose();
        if (_own.IsValueCreated) _own.Value.Dispose();
        _places.Dispose();
    }

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

    private static AmazonSecurityTokenServiceConfig Configure(AwsOptions aws, string region)
    {
        var config = new AmazonSecurityTokenServiceConfig
        {
            MaxErrorRetry = 0, // the pipeline above retries, and knows what may be
            Timeout = aws.StsTimeout + TimeSpan.FromSeconds(5), // the pipeline's is the one that counts
            AuthenticationRegion = region,
        };
        if (aws.StsEndpoint is { } endpoint) config.ServiceURL = endpoint.AbsoluteUri;
        else config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        return config;
    }

    private static Refusal Failed(string why) =>
        new(AwsRefusals.StsFailed, why);
}
