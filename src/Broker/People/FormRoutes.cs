using Broker.Http;

namespace Broker.People;

/// <summary>How the OpenAPI document tells of the forms of the account page.</summary>
internal static class FormRoutes
{
    public static RouteHandlerBuilder IsAccountForm(this RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithSummary(summary)
            .TakesForm<Dictionary<string, string>>().Produces(StatusCodes.Status303SeeOther)
            .ProducesRefusals(400, 401, 403, 413, 429, 500, 503);
}
