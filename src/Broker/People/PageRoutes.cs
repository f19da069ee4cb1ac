using Broker.Http;

namespace Broker.People;

/// <summary>What holds for the routes of pages, and how the OpenAPI document tells of them.</summary>
internal static class PageRoutes
{
    /// <summary>A page. What goes wrong is told on a page too, which leads <paramref name="back"/>.</summary>
    public static RouteHandlerBuilder IsPage(
        this RouteHandlerBuilder route, string name, string summary, string back, params int[] refusals) =>
        route.WithName(name).WithSummary(summary).Produces<string>(StatusCodes.Status200OK, "text/html")
            .TellsProblemsAsPages(back, [.. refusals, 500, 503]);

    /// <summary>
    /// A form: when it is done the browser is sent to another page, and what goes wrong is told on a page.
    /// </summary>
    public static RouteHandlerBuilder IsForm(
        this RouteHandlerBuilder route, string name, string summary, string back, params int[] refusals) =>
        route.WithName(name).WithSummary(summary)
            .TakesForm<Dictionary<string, string>>().Produces(StatusCodes.Status303SeeOther)
            .TellsProblemsAsPages(back, [400, 403, 413, .. refusals, 500, 503]);

    /// <summary>A form of the account page.</summary>
    public static RouteHandlerBuilder IsAccountForm(this RouteHandlerBuilder route, string name, string summary) =>
        route.IsForm(name, summary, "account", 401, 429);

    /// <summary>Some pages send browsers elsewhere that are not signed in, or that are.</summary>
    public static RouteHandlerBuilder MaySendElsewhere(this RouteHandlerBuilder route) =>
        route.Produces(StatusCodes.Status303SeeOther);

    /// <summary>What goes wrong is told on a page, which leads <paramref name="back"/>.</summary>
    public static RouteHandlerBuilder TellsProblemsAsPages(
        this RouteHandlerBuilder route, string back, params int[] statuses)
    {
        foreach (var status in statuses) route.Produces<string>(status, "text/html");
        return route.WithMetadata(new ProblemPage(back));
    }
}
