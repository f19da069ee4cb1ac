using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Util.Internal;
using Endpoint = Amazon.Runtime.Endpoints.Endpoint;

namespace Broker.Mail.Ses;

/// <summary>
/// SES v2 on the AWS SDK's own pipeline, with its credentials, signature, retries and connections. There is a client of
/// the SDK's for SES too; this broker makes two calls of it.
/// </summary>
internal sealed class SesClient(AWSCredentials credentials, SesOptions options, TimeSpan timeout)
    : AmazonServiceClient(credentials, new SesConfig(options, timeout))
{
    private static readonly InvokeOptions Wire = new()
    {
        RequestMarshaller = new SesMarshaller(),
        ResponseUnmarshaller = new SesUnmarshaller(),
    };

    public Task<SesAnswer> CallAsync(SesCall call, CancellationToken stop) =>
        InvokeAsync<SesAnswer>(call, Wire, stop);

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline) =>
        pipeline.AddHandlerAfter<EndpointResolver>(new Sigv4Only());

    private sealed class Sigv4Only : BaseAuthResolverHandler
    {
        protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) =>
            AuthSchemeOption.DEFAULT_SIGV4;
    }
}

/// <summary>As the SDK's clients are configured; the address is always given.</summary>
internal sealed class SesConfig : ClientConfig
{
    /// <summary>Of SES's endpoints.</summary>
    private const string EndpointPrefix = "email";

    private const int Retries = 2;

    public SesConfig(SesOptions options, TimeSpan timeout)
        : base(new DefaultConfigurationProvider([new DefaultConfiguration
        {
            Name = DefaultConfigurationMode.Standard,
            RetryMode = RequestRetryMode.Standard,
        }]))
    {
        AuthenticationServiceName = "ses";
        AuthenticationRegion = options.Region;
        RetryMode = RequestRetryMode.Standard;
        MaxErrorRetry = Retries;
        Timeout = timeout;
        ServiceURL = (options.Endpoint ?? Own(options.Region)).AbsoluteUri;
    }

    public override string ServiceVersion => "2019-09-27";

    public override string UserAgent => InternalSDKUtils.BuildUserAgentString("SESv2", "4.0");

    public override string RegionEndpointServiceName => EndpointPrefix;

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) =>
        new(ServiceURL);

    private static Uri Own(string region) =>
        new($"https://{EndpointPrefix}.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}/");
}
