using Amazon.Runtime;
using Amazon.SecurityToken.Model;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Broker.Aws;

/// <summary>
/// Asks STS again, twice at most and within one time-out over all, only for what AWS says may pass:
/// <c>IDPCommunicationError</c>, throttling, 5xx and lost connections. Assuming a role changes nothing at AWS, so
/// asking again is safe. <c>InvalidIdentityToken</c>, <c>ExpiredTokenException</c>, <c>AccessDenied</c> and the like
/// are final.
/// </summary>
internal static class StsRetries
{
    private const int Retries = 2;

    public static ResiliencePipeline Pipeline(TimeSpan timeout, TimeProvider time) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
        .AddTimeout(new TimeoutStrategyOptions { Timeout = timeout })
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = Retries,
            Delay = TimeSpan.FromMilliseconds(100),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = new PredicateBuilder().Handle<Exception>(MayPass),
        })
        .Build();

    private static bool MayPass(Exception fault) => fault switch
    {
        IDPCommunicationErrorException => true,
        AmazonServiceException { ErrorCode: "Throttling" or "ThrottlingException" or "RequestLimitExceeded" } => true,
        AmazonServiceException { StatusCode: >= System.Net.HttpStatusCode.InternalServerError } => true,
        AmazonServiceException { ErrorCode.Length: > 0 } => false,
        HttpRequestException or IOException => true,
        AmazonClientException { InnerException: HttpRequestException or IOException } => true,
        _ => false,
    };
}
