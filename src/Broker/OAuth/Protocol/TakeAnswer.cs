using OpenIddict.Server;

namespace Broker.OAuth.Protocol;

/// <summary>Ends the pipeline: the answer is in the transaction, and the route writes it.</summary>
internal sealed class TakeAnswer<TContext> : IOpenIddictServerHandler<TContext>
    where TContext : OpenIddictServerEvents.BaseRequestContext
{
    public ValueTask HandleAsync(TContext context)
    {
        context.HandleRequest();
        return ValueTask.CompletedTask;
    }
}
